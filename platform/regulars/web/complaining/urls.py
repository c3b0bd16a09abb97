"""Addresses for customers who complain alone, and of the posters that lead them there."""

from django.urls import path

from regulars.web.complaining import following, keeping, posters, raising

urlpatterns = [
    path("complain/", raising.start, name="complain_start"),
    path("complain/<str:place>/", raising.complain, name="complain"),
    path("complain/pictures/<str:token>/", keeping.small, name="complain_picture"),
    path("c/<str:token>/", following.followed, name="followed_complaint"),
    path("c/<str:token>/pictures/<str:name>/", following.picture, name="followed_picture"),
    path("stores/posters/", posters.every, name="complaint_posters"),
    path("stores/<uuid:store_id>/poster/", posters.one, name="complaint_poster"),
]
