"""What the vertical and the chain say about a kind of complaint (Q6)."""

from typing import Any

from regulars import registry
from regulars.complaints import checklist
from regulars.complaints.models import Case
from regulars.kit import Complaint
from regulars.tenancy import context


def find(key: str) -> Complaint | None:
    """Return a template, also one that is retired: old complaints go on with it."""
    return next((each for each in registry.vertical().complaints if each.key == key), None)


def offered() -> tuple[Complaint, ...]:
    """Return the kinds of complaint that can be raised now."""
    return tuple(each for each in registry.vertical().complaints if not each.retired)


def items(case: Case, language: Any = None) -> tuple[checklist.Item, ...]:
    """Return the checklist of a complaint in a language; the chain's where none is named."""
    return checklist.items(find(case.template), language or context.current().language)
