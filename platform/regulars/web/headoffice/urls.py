"""Addresses of head office."""

from django.urls import path, register_converter

from regulars.web.headoffice import behind, exports, spread, views


class Kind:
    """A figure that has rows behind it."""

    regex = "|".join(behind.KINDS)

    def to_python(self, value: str) -> str:
        """Take the word as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Write the word as it is."""
        return value


register_converter(Kind, "figure")

urlpatterns = [
    path("insights/", views.page, name="insights"),
    path("insights/customers/", spread.customers, name="insights_customers"),
    path("insights/rows/<figure:kind>/", behind.behind, name="insights_rows"),
    path("insights/files/<slug:what>.csv", exports.csv_file, name="insights_csv"),
    path("insights/files/<slug:what>.xlsx", exports.xlsx_file, name="insights_xlsx"),
]
