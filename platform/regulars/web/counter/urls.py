"""Addresses of the counter."""

from django.urls import path

from regulars.web.counter import returning, views

urlpatterns = [
    path("counter/", views.counter, name="counter"),
    path("counter/customers/", views.new_customer, name="counter_customer"),
    path("counter/sale/", views.sale, name="counter_sale"),
    path("counter/sale/preview/", views.preview, name="counter_preview"),
    path("counter/receipts/", returning.receipts, name="counter_receipts"),
    path("counter/receipts/<uuid:pk>/", returning.receipt, name="counter_receipt"),
    path("counter/receipts/<uuid:pk>/return/", returning.give_back, name="counter_return"),
]
