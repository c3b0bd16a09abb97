"""Addresses of a day's work."""

from django.urls import path

from regulars.web.today import listing, otherwise, result, task

urlpatterns = [
    path("today/", listing.today, name="today"),
    path("today/hand-on/", otherwise.hand_on_many, name="today_hand_on_many"),
    path("today/<uuid:task_id>/", task.task, name="today_task"),
    path("today/<uuid:task_id>/result/", result.result, name="today_result"),
    path("today/<uuid:task_id>/later/", otherwise.snooze, name="today_snooze"),
    path("today/<uuid:task_id>/hand-on/", otherwise.hand_on, name="today_hand_on"),
    path("today/<uuid:task_id>/leave-out/", otherwise.skip, name="today_skip"),
]
