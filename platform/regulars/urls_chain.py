"""Addresses of one chain's workspace."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("regulars.api.urls")),
    path("account/", include("regulars.staff.urls")),
    path("", include("regulars.web.urls")),
]
handler500 = "regulars.web.faults.server_error"
