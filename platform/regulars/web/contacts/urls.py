"""Addresses of reaching one customer."""

from django.urls import path

from regulars.web.contacts import views

_ONE = "customers/<uuid:pk>/messages/"

urlpatterns = [
    path(_ONE, views.messages, name="customer_messages"),
    path(f"{_ONE}call/", views.call, name="contact_call"),
    path(f"{_ONE}write/", views.write, name="contact_write"),
    path(f"{_ONE}log/", views.log, name="contact_log"),
    path(f"{_ONE}<uuid:contact_id>/over/", views.over, name="contact_over"),
]
