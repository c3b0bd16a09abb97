"""Addresses of the team's pages."""

from django.urls import path

from regulars.web.team import person, views

urlpatterns = [
    path("team/", views.team, name="team"),
    path("team/invite/", views.invite, name="invite"),
    path("team/add/", views.add, name="colleague_new"),
    path("team/<uuid:staff_id>/", person.show, name="person"),
    path("team/<uuid:staff_id>/edit/", person.edit, name="person_edit"),
    path("team/<uuid:staff_id>/place/", person.place, name="person_place"),
    path("team/<uuid:staff_id>/pin/", person.pin, name="person_pin"),
    path("team/<uuid:staff_id>/leave/", person.leave, name="person_leave"),
    path("team/<uuid:staff_id>/resend/", views.resend, name="invitation_resend"),
    path("team/<uuid:staff_id>/withdraw/", views.withdraw, name="invitation_withdraw"),
]
