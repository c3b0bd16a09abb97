"""Addresses of the settings page and of how the chain presents itself."""

from django.urls import path

from regulars.web.settings import look, views

urlpatterns = [
    path("settings/", views.start, name="settings"),
    path("settings/look/", look.look, name="look"),
    path("settings/look/sample/", look.sample, name="look_sample"),
]
