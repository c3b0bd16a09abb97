"""Imports as named groups, what they refused and changed, and the tables they stream through."""

from regulars.imports.models.groups import Change, Import, Rejection
from regulars.imports.models.staged import StagedCustomer, StagedReceipt

__all__ = ["Change", "Import", "Rejection", "StagedCustomer", "StagedReceipt"]
