"""Addresses of imports."""

from django.urls import path

from regulars.web.imports import bought, columns, deciding, files, listing, showing

_ONE = "imports/<uuid:import_id>/"

urlpatterns = [
    path("imports/", listing.imports, name="imports"),
    path("imports/new/", files.new, name="import_new"),
    path("imports/samples/<str:kind>.csv", files.sample, name="import_sample"),
    path(_ONE, showing.one, name="import"),
    path(f"{_ONE}purchases/", bought.purchases, name="import_purchases"),
    path(f"{_ONE}progress/", showing.progress, name="import_progress"),
    path(f"{_ONE}columns/", columns.columns, name="import_columns"),
    path(f"{_ONE}reading/", columns.read_again, name="import_reading"),
    path(f"{_ONE}check/", deciding.check, name="import_check"),
    path(f"{_ONE}start/", deciding.start, name="import_start"),
    path(f"{_ONE}cancel/", deciding.cancel, name="import_cancel"),
    path(f"{_ONE}undo/", deciding.undo, name="import_undo"),
    path(f"{_ONE}retry/", deciding.retry, name="import_retry"),
    path(f"{_ONE}name/", deciding.rename, name="import_name"),
    path(f"{_ONE}remove/", deciding.remove, name="import_remove"),
    path(f"{_ONE}rejected/", files.rejected, name="import_rejected"),
]
