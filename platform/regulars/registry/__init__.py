"""Owns which verticals exist, and what a chain made of its vertical's declarations.

Use ``registry.vertical()`` and ``registry.policy("points.rounding")`` inside a chain.
"""

from typing import Any


def vertical() -> Any:
    """Return the current chain's `kit.Vertical` with head office's changes."""
    from regulars.registry import selectors

    return selectors.vertical()


def policy(key: str) -> Any:
    """Return a policy of the current chain."""
    from regulars.registry import selectors

    return selectors.policy(key)
