"""Addresses of sign-up, on the public site."""

from django.urls import path

from regulars.web.signup import views

urlpatterns = [
    path("signup/", views.sign_up, name="signup"),
    path("signup/check/", views.check_subdomain, name="signup_check"),
    path("signup/confirm/<str:token>/", views.confirm, name="signup_confirm"),
    path("signup/progress/<str:token>/", views.progress, name="signup_progress"),
    path("which-chain/", views.which_chain, name="which_chain"),
]
