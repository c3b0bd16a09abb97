"""What the buttons share: who acts for which task, the key of a form, the customer's tabs."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from regulars.audit import Actor
from regulars.customers import selectors as customers
from regulars.errors import NotFound
from regulars.followups.models import Task
from regulars.messages.models import Contact
from regulars.staff import permissions
from regulars.usecases import timeline


def who(request: HttpRequest, customer_id: UUID) -> tuple[Actor, Task | None]:
    """Return who acts, and the step of a plan the form names. Raises NotFound, Forbidden.

    Whose task it is may contact its customer, though another guide looks after them, as far as
    the stores they work in go.
    """
    actor = permissions.acting(request)
    given = request.POST.get("task", "")
    task = _task(given, customer_id) if given else None
    if task is not None and task.owner_id == actor.id and task.state == Task.State.OPEN:
        actor = of_the_store(actor)
    customers.get(actor=actor, customer_id=customer_id)
    return actor, task


def who_ends(request: HttpRequest, customer_id: UUID, contact_id: UUID) -> Actor:
    """Return who says what became of a contact of the customer. Raises NotFound, Forbidden.

    Whoever began it may, also when the step it was begun for is no longer theirs to do.
    """
    began = Contact.objects.filter(pk=contact_id, customer=customer_id).values_list("staff")
    found = began.first()
    if found is None:
        raise NotFound
    actor = permissions.acting(request)
    return of_the_store(actor) if found[0] == actor.id else who(request, customer_id)[0]


def of_the_store(actor: Actor) -> Actor:
    """Return the same person with the scope of their stores, not of their own customers only."""
    return replace(actor, scope=replace(actor.scope, own_customers_of=None))


def key(request: HttpRequest) -> str:
    """Return the key of the form, so that a double tap is one contact; nothing if it has none."""
    once = request.POST.get("once", "")[:60]
    return f"{request.path}:{request.user.pk}:{once}" if once else ""


def complaint(request: HttpRequest) -> UUID | None:
    """Return the open complaint that the form says it is about, if it says so."""
    try:
        return UUID(request.POST.get("complaint", ""))
    except ValueError:
        return None


def address(customer_id: UUID) -> str:
    """Return where a customer's messages are."""
    return reverse("customer_messages", args=[customer_id])


def tabs(customer_id: UUID, *, current: str) -> list[dict[str, Any]]:
    """Return the pages about one customer."""
    pages = [("file", _("Customer file"), reverse("customer", args=[customer_id]))]
    pages.append(("messages", _("Messages"), address(customer_id)))
    return [{"label": label, "url": url, "current": name == current} for name, label, url in pages]


def story(request: HttpRequest, actor: Actor, customer_id: UUID) -> timeline.Page:
    """Return the contacts of a customer, newest first."""
    return timeline.page(
        customer_id=customer_id,
        actor=actor,
        before=request.GET.get("before", ""),
        limit=30,
        language=get_language() or "",
        kinds=frozenset({"contacts"}),
    )


def _task(given: str, customer_id: UUID) -> Task:
    try:
        found = Task.objects.filter(pk=UUID(given), customer=customer_id).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound
    return found
