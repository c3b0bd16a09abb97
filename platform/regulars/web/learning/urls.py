"""Addresses of what complaints teach."""

from django.urls import path

from regulars.web.learning import behind, views

urlpatterns = [
    path("insights/complaints/", views.page, name="complaint_learning"),
    path("insights/complaints/rows/", behind.rows, name="insights_complaint_rows"),
]
