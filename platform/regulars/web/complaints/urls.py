"""Addresses of complaints: literal ones first, then those of one complaint."""

from django.urls import URLPattern, URLResolver, path

from regulars.web.complaints import approving, board_urls, case, case_reach, case_steps

_ONE = "complaints/<uuid:case_id>/"
_REMEDY = "complaints/approvals/<uuid:remedy_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    *board_urls.urlpatterns,
    path("complaints/approvals/", approving.approvals, name="complaint_approvals"),
    path(f"{_REMEDY}approve/", case_steps.approve, name="remedy_approve"),
    path(f"{_REMEDY}refuse/", case_steps.refuse, name="remedy_refuse"),
    path(f"{_REMEDY}carry-out/", case_steps.carry_out, name="remedy_carry_out"),
    path(_ONE, case.complaint, name="complaint"),
    path(f"{_ONE}fresh/", case.fresh, name="complaint_fresh"),
    path(f"{_ONE}take/", case.take, name="complaint_take"),
    path(f"{_ONE}customer/", case_steps.attach, name="complaint_attach"),
    path(f"{_ONE}reach/", case_reach.reveal, name="complaint_reach"),
    path(f"{_ONE}do/<slug:act>/", case_steps.act, name="complaint_act"),
    path(f"{_ONE}pictures/<str:name>/", case.picture, name="complaint_picture"),
]
