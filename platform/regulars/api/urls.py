"""REST addresses of a chain."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from regulars.api import (
    complaints,
    contacts,
    customers,
    documents,
    follow_ups,
    imports,
    problems,
    purchases,
    stores,
)

_CASE = "complaints/<uuid:complaint_id>"
_TASK = "follow-ups/<uuid:task_id>"
_V1 = [
    path("stores", stores.Stores.as_view(), name="api-stores"),
    path("guides", stores.Guides.as_view(), name="api-guides"),
    path("customers", customers.Customers.as_view(), name="api-customers"),
    path("customers/find", customers.Find.as_view(), name="api-customers-find"),
    path("customers/<uuid:customer_id>", customers.Customer.as_view(), name="api-customer"),
    path("customers/<uuid:customer_id>/balance", customers.Balance.as_view(), name="api-balance"),
    path("customers/<uuid:customer_id>/points", customers.Points.as_view(), name="api-points"),
    path("purchases", purchases.Purchases.as_view(), name="api-purchases"),
    path("purchases/preview", purchases.Preview.as_view(), name="api-purchases-preview"),
    path("purchases/batch", purchases.Batch.as_view(), name="api-purchases-batch"),
    path("purchases/<uuid:purchase_id>", purchases.Purchase.as_view(), name="api-purchase"),
    path("returns", purchases.Returns.as_view(), name="api-returns"),
    path("exchanges", purchases.Exchanges.as_view(), name="api-exchanges"),
    path("follow-ups", follow_ups.FollowUps.as_view(), name="api-follow-ups"),
    path(_TASK, follow_ups.FollowUp.as_view(), name="api-follow-up"),
    path(f"{_TASK}/result", follow_ups.Result.as_view(), name="api-follow-up-result"),
    path(f"{_TASK}/snooze", follow_ups.Snooze.as_view(), name="api-follow-up-snooze"),
    path(f"{_TASK}/hand-on", follow_ups.HandOn.as_view(), name="api-follow-up-hand-on"),
    path(f"{_TASK}/leave-out", follow_ups.LeaveOut.as_view(), name="api-follow-up-leave-out"),
    path("contacts", contacts.Contacts.as_view(), name="api-contacts"),
    path("contacts/calls", contacts.Calls.as_view(), name="api-contacts-calls"),
    path("contacts/messages", contacts.Messages.as_view(), name="api-contacts-messages"),
    path("contacts/ways", contacts.Ways.as_view(), name="api-contacts-ways"),
    path("contacts/<uuid:contact_id>", contacts.OneContact.as_view(), name="api-contact"),
    path("contacts/<uuid:contact_id>/over", contacts.Over.as_view(), name="api-contact-over"),
    path("complaints", complaints.Complaints.as_view(), name="api-complaints"),
    path("complaints/kinds", complaints.Kinds.as_view(), name="api-complaint-kinds"),
    path(_CASE, complaints.Complaint.as_view(), name="api-complaint"),
    path(f"{_CASE}/steps", complaints.Steps.as_view(), name="api-complaint-steps"),
    path(f"{_CASE}/remedies", complaints.Remedies.as_view(), name="api-complaint-remedies"),
    path("imports", imports.Imports.as_view(), name="api-imports"),
    path("imports/<uuid:import_id>", imports.Import.as_view(), name="api-import"),
    path("imports/<uuid:import_id>/check", imports.Check.as_view(), name="api-import-check"),
    path("imports/<uuid:import_id>/start", imports.Start.as_view(), name="api-import-start"),
    path("imports/<uuid:import_id>/cancel", imports.Cancel.as_view(), name="api-import-cancel"),
    path("imports/<uuid:import_id>/undo", imports.Undo.as_view(), name="api-import-undo"),
    path("imports/<uuid:import_id>/rejected", imports.Rejected.as_view(), name="api-import-rows"),
]

urlpatterns = [
    *[path(f"v1/{each.pattern}", each.callback, name=each.name) for each in _V1],
    path("openapi.json", documents.openapi, name="openapi"),
    path("docs/", documents.reference, name="api-reference"),
    path("problems/<str:code>/", login_not_required(problems.explain), name="api-problem"),
    re_path("^v1/", login_not_required(problems.nowhere), name="api-nowhere"),
]
