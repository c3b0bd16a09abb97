"""The public API of Regulars for industry packages (行业包): declare, check, compute.

Plain Python on the standard library alone. What is not named here or in the `__all__` of the
modules `content`, `fields`, `keys`, `plain`, `points`, `skeleton`, `testing` and `units`, and not
described in `docs/verticals.md`, is not API.
"""

from regulars.kit import content, fields, keys, plain, points, skeleton, testing, units
from regulars.kit.baskets import Basket, Buyer, Extra, Line
from regulars.kit.care import Check, FollowUp, Handover, Message, Segment, Step, Survey
from regulars.kit.complaints import Complaint, Remedy
from regulars.kit.conditions import Where
from regulars.kit.faults import Fault, VerticalError
from regulars.kit.labels import LANGUAGES, Label
from regulars.kit.rules import Bonus, Function, Rate, Spend, Tier
from regulars.kit.schema import Choice, Field, Possession, Reminder
from regulars.kit.units import Unit
from regulars.kit.vertical import Vertical

__all__ = [
    "LANGUAGES",
    "Basket",
    "Bonus",
    "Buyer",
    "Check",
    "Choice",
    "Complaint",
    "Extra",
    "Fault",
    "Field",
    "FollowUp",
    "Function",
    "Handover",
    "Label",
    "Line",
    "Message",
    "Possession",
    "Rate",
    "Remedy",
    "Reminder",
    "Segment",
    "Spend",
    "Step",
    "Survey",
    "Tier",
    "Unit",
    "Vertical",
    "VerticalError",
    "Where",
    "content",
    "fields",
    "keys",
    "plain",
    "points",
    "skeleton",
    "testing",
    "units",
]
