"""Address of the settings page."""

from django.urls import path

from regulars.web.settings import views

urlpatterns = [path("settings/", views.start, name="settings")]
