"""Reading and saving the plans of the chain, as every plan page does it."""

from dataclasses import replace

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from regulars.kit import FollowUp, Vertical, plain
from regulars.kit.care import Step
from regulars.registry import loading, selectors, services
from regulars.registry.selectors import Declared
from regulars.registry.services import DeclarationRefused
from regulars.staff import permissions
from regulars.tenancy import context
from regulars.web.forms import Form
from regulars.web.plans import faults

NOUN = "follow-up"


def base() -> Vertical:
    """Return the industry's package as it comes, without the chain's changes."""
    return loading.installed()[context.current().vertical]


def find(key: str) -> Declared:
    """Return a plan of the chain by its key. Raises Http404."""
    for declared in selectors.declarations(NOUN):
        if declared.noun.key == key:
            return declared
    raise Http404


def step_of(plan: FollowUp, key: str) -> Step:
    """Return a step of a plan, a left-out one too. Raises Http404."""
    for step in plan.steps:
        if step.key == key:
            return step
    raise Http404


def with_step(plan: FollowUp, step: Step) -> FollowUp:
    """Return the plan with a step put in its place or added, in the order of their days."""
    others = [each for each in plan.steps if each.key != step.key]
    return in_order(replace(plan, steps=(*others, step)))


def in_order(plan: FollowUp) -> FollowUp:
    """Return the plan with its steps by day; those that are left out come last."""
    steps = sorted(plan.steps, key=lambda each: (each.retired, 0 if each.retired else each.after))
    return replace(plan, steps=tuple(steps))


def save(request: HttpRequest, plan: FollowUp) -> None:
    """Keep a plan as the chain's own version. Raises DeclarationRefused."""
    services.declare(
        actor=permissions.acting(request),
        noun=NOUN,
        key=plan.key,
        body=plain.dump(plan),
        now=timezone.now(),
    )


def refuse(form: Form, refused: DeclarationRefused, *, step: str = "") -> None:
    """Say at the fields of a form what the kit finds wrong; of other steps on top of it.

    `step` is the key of the step that the form is about.
    """
    refused.settle()
    for told in faults.of(refused):
        is_here = not told.step or told.step == step
        if is_here and told.field in form.fields:
            form.add_error(told.field, str(told.text))
        else:
            text = str(told.text) if is_here else f"{_('Another step')}: {told.text}"
            form.add_error(None, text)


def refuse_new(form: Form, first: Form, refused: DeclarationRefused, *, step: str) -> None:
    """Say what is wrong with a new plan: at the fields of its first step, or at its own."""
    refused.settle()
    for told in faults.of(refused):
        place = first if told.step == step and told.field in first.fields else form
        place.add_error(told.field if told.field in place.fields else None, str(told.text))
