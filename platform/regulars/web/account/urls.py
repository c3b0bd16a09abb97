"""Addresses of one's own account, outside allauth's."""

from django.urls import path

from regulars.web.account import addresses, switching, views

urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("join/<str:token>/", views.join, name="join"),
    path("me/", views.profile, name="profile"),
    path("me/pin/", views.own_pin, name="own_pin"),
    path("me/address/", addresses.change, name="change_address"),
    path("me/address/withdraw/", addresses.withdraw, name="withdraw_address"),
    path("me/address/<str:token>/", addresses.confirm, name="confirm_address"),
    path("switch/", switching.choose, name="switch_person"),
    path("switch/share/", switching.share, name="share_device"),
    path("switch/stop/", switching.stop_sharing, name="stop_sharing"),
    path("switch/<uuid:staff_id>/", switching.turn, name="turn"),
]
