"""Asking whether an actor has a permission. The names of permissions are in `staff.roles`."""

from django.utils.translation import gettext_lazy as _

from regulars.audit.actors import Actor
from regulars.errors import Forbidden


class PasswordNeeded(Forbidden):
    """The person may do it, but came by PIN on a shared device."""

    code = "password-needed"
    sentence = _("On a shared device this needs your password. Sign in with it to go on.")


def allows(actor: Actor, permission: str) -> bool:
    """Say whether the actor has the permission; the system has every one."""
    return permission in actor.may or "*" in actor.may


def require(actor: Actor, permission: str) -> None:
    """Do nothing if the actor has the permission; raises Forbidden or PasswordNeeded if not."""
    if allows(actor, permission):
        return
    if permission in actor.with_password:
        raise PasswordNeeded
    raise Forbidden
