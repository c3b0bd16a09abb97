"""Addresses of the files people take out."""

from django.urls import path

from regulars.web.exports import customers, purchases

_CUSTOMERS = "customers/export/"
_PURCHASES = "purchases/export/"
_CSV = {"ending": "csv"}
_XLSX = {"ending": "xlsx"}

urlpatterns = [
    path(_CUSTOMERS, customers.page, name="customers_export"),
    path(f"{_CUSTOMERS}customers.csv", customers.file, _CSV, name="customers_csv"),
    path(f"{_CUSTOMERS}customers.xlsx", customers.file, _XLSX, name="customers_xlsx"),
    path(_PURCHASES, purchases.page, name="purchases_export"),
    path(f"{_PURCHASES}purchases.csv", purchases.file, _CSV, name="purchases_csv"),
    path(f"{_PURCHASES}purchases.xlsx", purchases.file, _XLSX, name="purchases_xlsx"),
]
