"""Who of the staff is the customer of a complaint: nobody decides about what they get (Q6)."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from regulars.complaints.models import Case
from regulars.staff.models import Staff


def among(case: Case, staff_ids: Iterable[UUID | None]) -> frozenset[UUID]:
    """Return which of these employees the customer is, by phone number or e-mail address.

    What counts is the customer's file, every number that is known of them, and what was written
    when the complaint was raised. Two statements at most.
    """
    wanted = {each for each in staff_ids if each is not None}
    if not wanted:
        return frozenset()
    staff = list(Staff.objects.filter(pk__in=wanted).values_list("pk", "phone", "email"))
    phones = {_digits(each) for each in _phones(case)} - {""}
    customer = case.customer
    emails = {case.email.casefold(), customer.email.casefold() if customer else ""} - {""}
    return frozenset(
        pk
        for pk, phone, email in staff
        if _digits(phone or "") in phones or (email or "").casefold() in emails
    )


def _phones(case: Case) -> Iterator[str]:
    yield case.phone
    if case.customer is not None:
        yield case.customer.phone or ""
        yield from case.customer.identities.filter(source="phone").values_list("number", flat=True)


def _digits(phone: str) -> str:
    return "".join(each for each in phone if each.isdecimal())[-11:]
