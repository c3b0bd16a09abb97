"""Addresses of customers."""

from django.urls import path

from regulars.web.customers import (
    creating,
    days,
    editing,
    keeping,
    listing,
    merging,
    owning,
    planning,
    profile,
    questioning,
    quiet,
    rights,
    things,
)

_ONE = "customers/<uuid:pk>/"

urlpatterns = [
    path("search/", listing.search, name="search"),
    path("customers/", listing.customer_list, name="customers"),
    path("customers/new/", creating.new, name="customer_new"),
    path("customers/similar/", creating.similar, name="customer_similar"),
    path("customers/quiet/", quiet.quiet_list, name="customers_quiet"),
    path("customers/hand-over/", owning.hand_over, name="customer_hand_over"),
    path(_ONE, profile.profile, name="customer"),
    path(f"{_ONE}story/", profile.story, name="customer_story"),
    path(f"{_ONE}phone/", profile.reveal, name="customer_phone"),
    path(f"{_ONE}question/", questioning.question, name="customer_question"),
    path(f"{_ONE}plan/", planning.plan, name="customer_plan"),
    path(f"{_ONE}edit/", editing.edit, name="customer_edit"),
    path(f"{_ONE}answers/", editing.answers, name="customer_answers"),
    path(f"{_ONE}details/", editing.extra, name="customer_extra"),
    path(f"{_ONE}owner/", owning.owner, name="customer_owner"),
    path(f"{_ONE}notes/", keeping.note, name="customer_note"),
    path(
        f"{_ONE}notes/<uuid:note_id>/warning/", keeping.note_warning, name="customer_note_warning"
    ),
    path(f"{_ONE}notes/<uuid:note_id>/remove/", keeping.note_remove, name="customer_note_remove"),
    path(f"{_ONE}consents/", keeping.consent, name="customer_consent"),
    path(f"{_ONE}numbers/", keeping.number, name="customer_number"),
    path(
        f"{_ONE}numbers/<uuid:identity_id>/remove/",
        keeping.number_remove,
        name="customer_number_remove",
    ),
    path(f"{_ONE}things/", things.new, name="customer_possession_new"),
    path(f"{_ONE}things/of/<slug:kind>/", things.new, name="customer_possession_of"),
    path(f"{_ONE}things/<uuid:possession_id>/", things.change, name="customer_possession"),
    path(f"{_ONE}things/<uuid:possession_id>/end/", things.end, name="customer_possession_end"),
    path(
        f"{_ONE}things/<uuid:possession_id>/again/", things.again, name="customer_possession_again"
    ),
    path(f"{_ONE}days/", days.day, name="customer_day_new"),
    path(f"{_ONE}days/fields/", days.fields, name="customer_day_fields"),
    path(f"{_ONE}days/<uuid:event_id>/", days.day, name="customer_day"),
    path(f"{_ONE}days/<uuid:event_id>/remove/", days.remove, name="customer_day_remove"),
    path(f"{_ONE}merge/", merging.merge, name="customer_merge"),
    path(f"{_ONE}unmerge/", merging.unmerge, name="customer_unmerge"),
    path(f"{_ONE}disclose/", rights.disclose, name="customer_disclose"),
    path(f"{_ONE}erase/", rights.erase, name="customer_erase"),
]
