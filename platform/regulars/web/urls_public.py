"""Addresses of the public site's pages."""

from django.urls import URLPattern, URLResolver, include, path

from regulars.web import mailbox, public

urlpatterns: list[URLPattern | URLResolver] = [
    *public.urlpatterns,
    *mailbox.urlpatterns,
    path("", include("regulars.web.signup.urls")),
]
