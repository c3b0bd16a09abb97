"""Writing the rollups. Callers elsewhere use these names."""

from regulars.insights.services.folding import Folded, fold, rebuild, recounted, reset
from regulars.insights.services.keeping import keep, prepare
from regulars.insights.services.portraying import portray
from regulars.insights.services.verification import verify, verify_and_repair

__all__ = [
    "Folded",
    "fold",
    "keep",
    "portray",
    "prepare",
    "rebuild",
    "recounted",
    "reset",
    "verify",
    "verify_and_repair",
]
