"""What we tell allauth: nobody signs up alone, mail speaks the person's language."""

import time
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import MultiFernet
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext, override

from regulars.errors import Unavailable
from regulars.staff.models import Staff
from regulars.tenancy import context, secrecy
from regulars.web import language


class MailNotSent(Unavailable):
    """The mail server did not take a mail."""

    code = "mail-not-sent"
    sentence = gettext_lazy("The e-mail could not be sent. Please try again in a few minutes.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in for the staff of a chain; people join by invitation only."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": gettext_lazy("The e-mail address or the password is wrong."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "enter_current_password": gettext_lazy("This is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: a chain is signed up on the public site, staff are invited."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try, and say when the next one is possible if there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as refusal:
            if refusal.code != "too_many_login_attempts":
                raise
            key = self._get_login_attempts_cache_key(request, **credentials)
            raise ValidationError(_try_again(request, key), code=refusal.code) from None

    def post_login(
        self, request: HttpRequest, user: Staff, **kwargs: Any
    ) -> HttpResponse | HttpResponseRedirect:
        """Remember the person's own language in this browser."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language:
            language.remember(response, user.language)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Go back to one's own account."""
        return reverse("profile")

    def send_mail(self, template_prefix: str, email: str, context_: dict[str, Any]) -> None:
        """Send a mail in the language of the person it is for. Raises MailNotSent."""
        chain = context.current()
        person = context_.get("user")
        code = getattr(person, "language", "") or chain.language
        request = allauth_context.request
        values = {"request": request, "email": email, "chain": chain, **context_}
        with override(code):
            message = self.render_mail(template_prefix, email, values)
        try:
            message.send()
        except (SMTPException, OSError) as fault:
            raise MailNotSent from fault


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Names the chain in the authenticator app, and keeps its secret encrypted."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is wrong or was used. Wait for the next one."),
    }

    def get_totp_issuer(self) -> str:
        """Return what the app shows above the code."""
        chain = context.current_or_none()
        return f"Regulars {chain.name}" if chain else "Regulars"

    def encrypt(self, text: str) -> str:
        """Encrypt a secret under the installation's key."""
        return self._box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret, also one written under an earlier key."""
        return self._box().decrypt(encrypted_text.encode()).decode()

    @staticmethod
    def _box() -> MultiFernet:
        return secrecy.box("regulars.mfa")


def _try_again(request: HttpRequest, key: str) -> str:
    minutes = max(1, -(-_seconds_left(request, key) // 60))
    return ngettext(
        "Too many wrong tries. You can try again in %(count)s minute.",
        "Too many wrong tries. You can try again in %(count)s minutes.",
        minutes,
    ) % {"count": minutes}


def _seconds_left(request: HttpRequest, key: str) -> int:
    """Return the seconds until the fullest of the limits has room for one more try."""
    now, longest = time.time(), 0.0
    for rate in ratelimit.get_rates(app="allauth.account", action="login_failed"):
        name = ratelimit.get_cache_key(
            request, app="allauth.account", action="login_failed", rate=rate, key=key
        )
        tries = [at for at in cache.get(name, []) if at > now - rate.duration]
        if len(tries) >= rate.amount:
            longest = max(longest, min(tries) + rate.duration - now)
    return int(longest)
