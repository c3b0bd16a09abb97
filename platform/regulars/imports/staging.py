"""The staged rows of an import as a whole, whatever they hold."""

from typing import Final
from uuid import UUID

from django.db.models import Model

from regulars.imports.models import StagedCustomer, StagedReceipt

_TABLES: Final[tuple[type[Model], ...]] = (StagedCustomer, StagedReceipt)


def has(import_id: UUID) -> bool:
    """Tell whether anything is staged."""
    return any(each._default_manager.filter(import_id=import_id).exists() for each in _TABLES)


def empty(*import_ids: UUID) -> None:
    """Remove everything that is staged."""
    for each in _TABLES:
        each._default_manager.filter(import_id__in=import_ids).delete()
