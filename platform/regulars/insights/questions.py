"""What customers are asked in follow-ups, and which answers can be counted by their words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from regulars.kit import Field, Vertical

SATISFACTION: Final = "satisfaction"
YES: Final = ("true", "yes")
NO: Final = ("false", "no")
_COUNTED: Final = frozenset({"boolean", "choice", "choices", "rating"})
_NUMBERS: Final = frozenset({"integer", "decimal", "measure", "rating"})
# Asked in every follow-up in which people talk, beside the plan's own questions.
GENERAL: Final = {
    SATISFACTION: "rating",
    "liked": "boolean",
    "comfortable": "boolean",
    "question": "text",
    "wants": "text",
}

type Place = tuple[str, str, str]
"""Plan, step and key under which an answer is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: of a step of a plan, or (without plan and step) of every follow-up."""

    key: str
    kind: str
    plan: str = ""
    step: str = ""
    field: Field | None = None

    @property
    def id(self) -> str:
        """What names it in an address."""
        return ".".join(part for part in (self.plan, self.step, self.key) if part)

    @property
    def is_counted(self) -> bool:
        """Say whether its answers are a few words that can be counted."""
        return self.kind in _COUNTED

    @property
    def is_number(self) -> bool:
        """Say whether its answers have a mean."""
        return self.kind in _NUMBERS

    @property
    def is_text(self) -> bool:
        """Say whether its answers have to be read."""
        return self.kind == "text"


def general() -> dict[str, Question]:
    """Return the questions of every follow-up by their key."""
    return {key: Question(key=key, kind=kind) for key, kind in GENERAL.items()}


def declared(vertical: Vertical) -> dict[Place, Question]:
    """Return every question of every plan, retired ones too: their answers are still there."""
    return {(each.plan, each.step, each.key): each for each in _of_plans(vertical)}


def find(question_id: str, vertical: Vertical) -> Question | None:
    """Return the question that an address names."""
    return next(
        (
            each
            for each in (*general().values(), *declared(vertical).values())
            if each.id == question_id
        ),
        None,
    )


def _of_plans(vertical: Vertical) -> Iterator[Question]:
    for plan in vertical.follow_ups:
        for step in plan.steps:
            for field in step.ask:
                yield Question(
                    plan=plan.key, step=step.key, key=field.key, kind=field.kind, field=field
                )
