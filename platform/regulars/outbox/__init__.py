"""Owns work that is written together with the change that asks for it.

``outbox.services.enqueue(handler="customers.reindex", payload={…})`` in a transaction;
``@outbox.handler("customers.reindex")`` on the function that does it.
"""

from regulars.outbox.handlers import handler

__all__ = ["handler"]
