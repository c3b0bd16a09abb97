"""Owns work that is written together with the change that asks for it.

``outbox.services.enqueue(handler=name, payload={…})`` in a transaction, and
``@outbox.handler(name)`` on the function that does it.
"""

from regulars.outbox.handlers import handler

__all__ = ["handler"]
