"""What this domain holds of a customer moves in a merge, goes in an erasure, and is disclosed.

Somebody we do not know has the same rights: they name the number of their complaint.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from regulars.audit import SYSTEM, Actor
from regulars.audit import services as audit
from regulars.complaints import access, numbers, pictures, templates
from regulars.complaints.models import Case, Entry, Remedy
from regulars.complaints.services import announcing, ending, writing
from regulars.complaints.way import End, Move, State
from regulars.errors import Conflict, NotFound
from regulars.tenancy import context

ERASE: Final = "customers.erase"
_SAID_INSIDE: Final = Move.CLOSE.value  # its words are a manager's reason
_TYPED: Final = ["since", "label"]  # what people write into the data of a step


class IsACustomers(Conflict):
    """The complaint belongs to somebody we know, whose rights lie in their file."""

    code = "complaint-of-a-customer"
    sentence = _("This is a complaint of one of your customers. Open their file to do this.")


def reassign(*, kept_id: UUID, absorbed_id: UUID, now: datetime) -> dict[str, Any]:
    """Move the absorbed customer's complaints to the kept one; say which."""
    rows = Case.objects.filter(customer=absorbed_id)
    moved = [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]
    rows.update(customer=kept_id)
    return {"cases": moved}


def give_back(*, moved: Mapping[str, Any], kept_id: UUID, absorbed_id: UUID, now: datetime) -> None:
    """Undo exactly that."""
    rows = Case.objects.filter(pk__in=moved.get("cases", []), customer=kept_id)
    rows.update(customer=absorbed_id)


def erase(*, customer_id: UUID, now: datetime) -> None:
    """Empty what was said and shown; that there was a complaint, of what and when, stays.

    One that is still open ends with it: nobody is left to answer to.
    """
    rows = Case.objects.filter(customer=customer_id).order_by("pk")
    _empty(list(rows.select_for_update(of=("self",), no_key=True).select_related("store")), now)


def disclose(*, customer_id: UUID) -> list[dict[str, Any]]:
    """Return the customer's complaints with each step that is theirs to read. JSON-able.

    Pictures are counted, not given.
    """
    return _told(list(Case.objects.filter(customer=customer_id).order_by("pk")))


def unknown(*, actor: Actor, number: str) -> Case:
    """Return the complaint of somebody we do not know, by its number as it was written down.

    Raises Forbidden, NotFound, IsACustomers.
    """
    rows = access.visible(actor, ERASE).select_related("store")
    found = rows.filter(number=numbers.read(number) or "").exclude(title="").first()
    if found is None:
        raise NotFound(_("There is no complaint with this number. Please check each digit."))
    if found.customer_id is not None:
        raise IsACustomers
    return found


@transaction.atomic
def disclose_unknown(*, actor: Actor, number: str, asked: str) -> dict[str, Any]:
    """Return all we keep of a complaint of somebody unknown, JSON-able, and write that down.

    `asked` says how they asked for it. Raises Forbidden, NotFound, IsACustomers.
    """
    case = unknown(actor=actor, number=number)
    _record(actor, case, "complaint.disclosed", {"asked": asked[:200]})
    return {"chain": context.current().name, "complaints": _told([case])}


@transaction.atomic
def erase_unknown(*, actor: Actor, number: str, reason: str, now: datetime) -> Case:
    """Erase what somebody unknown wrote. It cannot be undone.

    Raises Forbidden, NotFound, IsACustomers.
    """
    case = unknown(actor=actor, number=number)
    rows = Case.objects.filter(pk=case.pk, customer=None).select_related("store")
    held = list(rows.select_for_update(of=("self",), no_key=True))
    if not held:
        raise IsACustomers  # attached in this very moment
    _empty(held, now)
    _record(actor, case, "complaint.erased", {"reason": reason[:200]})
    return held[0]


def _empty(cases: list[Case], now: datetime) -> None:
    """Empty complaints that the caller holds, and end those that are open."""
    keys = [case.pk for case in cases]
    announcing.erased(cases, at=now)
    for case in cases:
        if case.state != State.CLOSED:
            ending.shut(case, End.WITHDRAWN, actor=SYSTEM, now=now, text="", key="")
        if case.title:  # else it was erased before
            writing.write(case, "erased", actor=SYSTEM, now=now)
    pictures.forget(keys)
    Entry.objects.filter(case__in=keys).update(text="")
    for step in Entry.objects.filter(case__in=keys, data__has_any_keys=_TYPED):
        step.data = {name: value for name, value in step.data.items() if name not in _TYPED}
        step.save(update_fields=["data"])
    Remedy.objects.filter(case__in=keys).update(reason="", label="")
    Case.objects.filter(pk__in=keys).update(name="", phone="", email="", title="", answers={})


def _told(cases: list[Case]) -> list[dict[str, Any]]:
    steps: dict[UUID, list[dict[str, Any]]] = {case.pk: [] for case in cases}
    for each in Entry.objects.filter(case__in=cases, public=True).order_by("id"):
        steps[each.case_id].append(
            {
                "at": each.at.isoformat(),
                "step": each.kind,
                "by_you": each.by_customer,
                "text": "" if each.kind == _SAID_INSIDE else each.text,
                "pictures": len(each.data.get("files", [])),
            }
        )
    given = _given(cases)
    return [
        {
            "number": case.number,
            "about": case.title,
            "kind": _kind(case),
            "product": case.product_name or case.product_code,
            "opened_at": case.opened_at.isoformat(),
            "raised": case.raised,
            "state": case.state,
            "satisfied": case.satisfied,
            "name": case.name,
            "phone": case.phone,
            "email": case.email,
            "answers": case.answers,
            "steps": steps[case.pk],
            "given": given[case.pk],
        }
        for case in cases
    ]


def _given(cases: Iterable[Case]) -> dict[UUID, list[dict[str, Any]]]:
    """Return what made good, that was carried out."""
    found: dict[UUID, list[dict[str, Any]]] = {case.pk: [] for case in cases}
    for each in Remedy.objects.filter(case__in=found, state=Remedy.State.DONE).order_by("id"):
        at = each.done_at.isoformat() if each.done_at else ""
        found[each.case_id].append({"what": each.label, "points": each.points, "at": at})
    return found


def _kind(case: Case) -> str:
    template = templates.of(case)
    return template.title.text(context.current().language) if template else ""


def _record(actor: Actor, case: Case, action: str, data: dict[str, Any]) -> None:
    audit.record(
        actor=actor, action=action, object_kind="complaint", object_id=case.pk,
        store_id=case.store_id, data={"number": case.number, **data},
    )  # fmt: skip
