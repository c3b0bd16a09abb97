"""Addresses of the rules pages."""

from django.urls import path

from regulars.web.rules import views

urlpatterns = [
    path("settings/rules/", views.rules, name="rules"),
    path("settings/rules/<slug:noun>/<slug:key>/", views.edit, name="rule_edit"),
    path("settings/rules/<slug:noun>/<slug:key>/switch/", views.switch, name="rule_switch"),
    path("settings/rules/<slug:noun>/<slug:key>/follow/", views.follow, name="rule_follow"),
]
