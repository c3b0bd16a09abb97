"""Addresses of the plan pages."""

from django.urls import path

from regulars.web.plans import steps, views

urlpatterns = [
    path("settings/plans/", views.page, name="plans"),
    path("settings/plans/new/", views.new, name="plan_new"),
    path("settings/plans/<slug:key>/", views.edit, name="plan"),
    path("settings/plans/<slug:key>/switch/", views.switch, name="plan_switch"),
    path("settings/plans/<slug:key>/follow/", views.follow, name="plan_follow"),
    path("settings/plans/<slug:key>/add/", steps.add, name="plan_step_add"),
    path("settings/plans/<slug:key>/steps/<slug:step>/", steps.edit, name="plan_step"),
    path("settings/plans/<slug:key>/steps/<slug:step>/turn/", steps.turn, name="plan_step_turn"),
]
