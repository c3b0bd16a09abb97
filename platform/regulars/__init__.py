"""Regulars (熟客): the CRM a chain of shops uses to turn buyers into regulars."""

__version__ = "0.1.0"
