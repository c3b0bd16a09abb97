"""Owns the record of who did what, and the plain types that say who is asking."""

from regulars.audit.actors import ALL, NONE, SYSTEM, Actor, ActorKind, Scope

__all__ = ["ALL", "NONE", "SYSTEM", "Actor", "ActorKind", "Scope"]
