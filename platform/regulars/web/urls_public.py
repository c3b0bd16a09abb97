"""Addresses of the public site's pages."""

from django.urls import URLPattern, URLResolver, include, path

from regulars.web import mailbox, public, webhooks

urlpatterns: list[URLPattern | URLResolver] = [
    *public.urlpatterns,
    *mailbox.urlpatterns,
    *webhooks.urlpatterns,
    path("", include("regulars.web.signup.urls")),
    path("", include("regulars.web.operating.urls")),
]
