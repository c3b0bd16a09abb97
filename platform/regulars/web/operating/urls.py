"""Addresses of the operators' page, on the public site."""

from django.urls import path

from regulars.web.operating import views

urlpatterns = [
    path("operator/", views.front, name="operator"),
    path("operator/subscriptions/", views.subscriptions, name="operator_subscriptions"),
    path("operator/events/", views.event_list, name="operator_events"),
    path("operator/events/<str:event_id>/", views.event, name="operator_event"),
    path("operator/events/<str:event_id>/replay/", views.replay, name="operator_replay"),
    path("operator/enter/<str:token>/", views.enter, name="operator_enter"),
    path("operator/leave/", views.leave, name="operator_leave"),
]
