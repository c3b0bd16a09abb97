"""Addresses of the working page of complaints."""

from django.urls import URLPattern, URLResolver, path

from regulars.web.complaints import board, bulk, counting, exporting, saving

_FILE = "complaints/complaints"

urlpatterns: list[URLPattern | URLResolver] = [
    path("complaints/", board.complaints, name="complaints"),
    path("complaints/bulk/", bulk.bulk, name="complaint_bulk"),
    path("complaints/count/", counting.count, name="complaints_count"),
    path("complaints/views/", saving.save_view, name="complaint_views"),
    path(f"{_FILE}.csv", exporting.file, {"ending": "csv"}, name="complaints_csv"),
    path(f"{_FILE}.xlsx", exporting.file, {"ending": "xlsx"}, name="complaints_xlsx"),
]
