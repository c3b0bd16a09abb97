"""What can be offered to make good: what the kind of complaint names, and what was asked."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from regulars.complaints import templates, words
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import remedies as services
from regulars.complaints.services.remedies import Wish
from regulars.kit import complaints as kit
from regulars.staff.models import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One of them. `value` names it in forms; of what was asked already it is the remedy's key."""

    value: str
    kind: str
    label: str
    goodwill: bool
    hint: str = ""
    is_asked: bool = False

    @property
    def told(self) -> str:
        """Return the words of a choice."""
        return _("On top: %(what)s") % {"what": self.label} if self.goodwill else self.label

    def wish(self, *, cost: int = 0, label: str = "") -> Wish:
        """Return what is asked for; `cost` in minor units, or points."""
        is_points = self.kind == "points"
        return Wish(
            kind=self.kind,
            label=label or self.label,
            amount_minor=0 if is_points else cost,
            points=cost if is_points else 0,
            goodwill=self.goodwill,
        )


def to_propose(case: Case, remedies: Iterable[Remedy], language: str) -> list[Offer]:
    """Return what a proposal may hold: what was asked for in this round, then what is declared."""
    asked = [
        Offer(
            value=each.pk.hex,
            kind=each.kind,
            label=each.label or words.remedy(each.kind),
            goodwill=each.goodwill,
            hint=str(Remedy.State(each.state).label),
            is_asked=True,
        )
        for each in remedies
        if each.round == case.round and each.state != Remedy.State.REFUSED
    ]
    taken = {(each.kind, each.goodwill) for each in asked}
    left = [each for each in declared(case, language) if (each.kind, each.goodwill) not in taken]
    return asked + left


def declared(case: Case, language: str) -> list[Offer]:
    """Return what the kind of complaint names; every kind there is where none was chosen."""
    template = templates.of(case)
    if template is None or not services.is_named(case):
        return [_plain(kind, goodwill=False) for kind in kit.REMEDIES]
    found: dict[str, Offer] = {}
    for goodwill, among in ((False, template.remedies), (True, template.goodwill)):
        for each in among:
            offer = _declared(each, goodwill=goodwill, language=language)
            found.setdefault(offer.value, offer)
    return list(found.values())


def to_ask(case: Case, language: str) -> list[Offer]:
    """Return what can be asked for one by one: what is declared, then whatever else there is."""
    named = declared(case, language)
    known = {each.value for each in named}
    others = [_plain(kind, goodwill=False) for kind in kit.REMEDIES]
    return named + [each for each in others if each.value not in known]


def _declared(each: kit.Remedy, *, goodwill: bool, language: str) -> Offer:
    hints = []
    if each.limit is not None:
        hints.append(_("up to %(limit)s") % {"limit": f"{each.limit.normalize():f}"})
    if each.approval != "guide":
        hints.append(str(Role(each.approval).label))
    if each.within is not None:
        hints.append(_("within %(days)s days of the purchase") % {"days": each.within})
    return Offer(
        value=_value(each.kind, goodwill=goodwill),
        kind=each.kind,
        label=each.label.text(language),
        goodwill=goodwill,
        hint=" · ".join(hints),
    )


def _plain(kind: str, *, goodwill: bool) -> Offer:
    return Offer(
        value=_value(kind, goodwill=goodwill), kind=kind, label=words.remedy(kind),
        goodwill=goodwill,
    )  # fmt: skip


def _value(kind: str, *, goodwill: bool) -> str:
    return f"{'goodwill' if goodwill else 'remedy'}-{kind}"
