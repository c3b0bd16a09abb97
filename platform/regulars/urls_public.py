"""Addresses of the public site: what it is, sign-up, health."""

from django.urls import include, path

from regulars.tenancy import health

urlpatterns = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("", include("regulars.web.urls_public")),
]
handler500 = "regulars.web.faults.server_error"
