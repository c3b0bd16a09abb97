"""Addresses of raising a complaint, of its kinds, and of the rights of those we do not know."""

from django.urls import path

from regulars.web.complaints import kinds, raising, rights

_KIND = "settings/complaints/<slug:key>/"

urlpatterns = [
    path("complaints/new/", raising.new, name="complaint_new"),
    path("complaints/new/asks/", raising.asks, name="complaint_new_asks"),
    path("complaints/rights/", rights.rights, name="complaint_rights"),
    path("settings/complaints/", kinds.kinds, name="complaint_kinds"),
    path("settings/complaints/new/", kinds.new, name="complaint_kind_new"),
    path("settings/complaints/preview/", kinds.preview, name="complaint_kind_preview"),
    path(_KIND, kinds.edit, name="complaint_kind"),
    path(f"{_KIND}switch/", kinds.switch, name="complaint_kind_switch"),
    path(f"{_KIND}follow/", kinds.follow, name="complaint_kind_follow"),
]
