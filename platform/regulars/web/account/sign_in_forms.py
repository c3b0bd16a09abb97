"""Allauth's forms in our look and words. `settings.ACCOUNT_FORMS` and `MFA_FORMS` name them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.recovery_codes import forms as recovery
from allauth.mfa.totp import forms as totp
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

_CODE_HELP = _("Six digits from your authenticator app, or one of your recovery codes.")


class Looks:
    """Gives allauth's fields our classes and labels, and takes away what repeats the label."""

    labels: ClassVar[Mapping[str, str | Promise]] = {}
    helps: ClassVar[Mapping[str, str | Promise]] = {}
    numeric: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs["class"] = "form-control"
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")
            if name in self.numeric:
                field.widget.attrs["inputmode"] = "numeric"


class LoginForm(Looks, account.LoginForm):  # type: ignore[misc]
    """E-mail address and password."""

    labels = {"login": _("E-mail address"), "password": _("Password")}


class ResetPasswordForm(Looks, account.ResetPasswordForm):  # type: ignore[misc]
    """Asks for a mail with a link."""

    labels = {"email": _("E-mail address")}


_NEW_PASSWORD = {"password1": _("New password"), "password2": _("New password, once more")}
_PASSWORD_HELP = {"password1": _("At least 10 characters; a short sentence is easy to remember.")}


class ResetPasswordKeyForm(Looks, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password after the mail."""

    labels = _NEW_PASSWORD
    helps = _PASSWORD_HELP


class ChangePasswordForm(Looks, account.ChangePasswordForm):  # type: ignore[misc]
    """A new password by somebody who knows the old one."""

    labels = {"oldpassword": _("Present password"), **_NEW_PASSWORD}
    helps = _PASSWORD_HELP


class SetPasswordForm(Looks, account.SetPasswordForm):  # type: ignore[misc]
    """A first password."""

    labels = _NEW_PASSWORD
    helps = _PASSWORD_HELP


class ReauthenticateForm(Looks, account.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something weighty."""

    labels = {"password": _("Password")}


class AuthenticateForm(Looks, mfa.AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""

    labels = {"code": pgettext_lazy("sign-in", "Code")}
    helps = {"code": _CODE_HELP}


class ReauthenticateCodeForm(Looks, mfa.ReauthenticateForm):  # type: ignore[misc]
    """A code once more, before something weighty."""

    labels = {"code": pgettext_lazy("sign-in", "Code")}
    helps = {"code": _CODE_HELP}


class ActivateForm(Looks, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator app."""

    labels = {"code": _("Code shown by the app")}
    numeric = frozenset({"code"})


class DeactivateForm(Looks, totp.DeactivateTOTPForm):  # type: ignore[misc]
    """Taking the second step away."""


class GenerateCodesForm(Looks, recovery.GenerateRecoveryCodesForm):  # type: ignore[misc]
    """New recovery codes in place of the old ones."""
