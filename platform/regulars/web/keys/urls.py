"""Addresses of the pages about API keys."""

from django.urls import path

from regulars.web.keys import views

urlpatterns = [
    path("settings/keys/", views.list_keys, name="keys"),
    path("settings/keys/new/", views.new, name="key_new"),
    path("settings/keys/<uuid:key_id>/revoke/", views.revoke, name="key_revoke"),
]
