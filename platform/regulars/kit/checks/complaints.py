"""Meaning of complaint templates."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from regulars.kit.checks.schema import fields_of
from regulars.kit.complaints import Complaint, Remedy
from regulars.kit.faults import Fault

if TYPE_CHECKING:
    from regulars.kit.vertical import Vertical


def faults(vertical: "Vertical") -> Iterator[Fault]:
    """Yield the faults of complaint templates."""
    for complaint in vertical.complaints:
        path = f"complaints.{complaint.key}"
        times = (complaint.reply_within, complaint.update_within, complaint.resolve_within)
        if min(times) < 1:
            yield Fault(path, "times are minutes, from 1")
        if complaint.reply_within > complaint.resolve_within:
            yield Fault(path, "the reply is due after the solution")
        if not complaint.remedies:
            yield Fault(path, "needs a remedy to offer")
        if complaint.clock == "wall" and not complaint.urgent:
            yield Fault(path, "where health is in danger, say what is done first: urgent")
        yield from fields_of(complaint.asks, "answer", f"{path}.asks")
        yield from _remedy_faults(complaint, path)


def _remedy_faults(complaint: Complaint, path: str) -> Iterator[Fault]:
    for name in ("remedies", "goodwill"):
        remedies: tuple[Remedy, ...] = getattr(complaint, name)
        grants = [(remedy.kind, remedy.approval) for remedy in remedies]
        for kind, role in sorted({each for each in grants if grants.count(each) > 1}):
            yield Fault(f"{path}.{name}", f"{kind} is there twice for {role}")
        for remedy in remedies:
            if remedy.limit is not None and remedy.limit <= 0:
                yield Fault(f"{path}.{name}", f"the limit of {remedy.kind} must be above 0")
            if remedy.within is not None and remedy.within < 1:
                yield Fault(f"{path}.{name}", f"{remedy.kind}: within is days, from 1")
