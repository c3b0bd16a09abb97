"""Address of the first steps."""

from django.urls import path

from regulars.web.beginning import views

urlpatterns = [path("first-steps/", views.first_steps, name="first_steps")]
