"""What we tell allauth: nobody signs up by themselves, and mail goes through our templates."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from regulars.tenancy import context


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in for staff of a chain; people join by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: a chain is signed up on the public site, staff are invited."""
        return False


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Names the chain in the authenticator app."""

    def get_totp_issuer(self) -> str:
        """Return what the app shows above the code."""
        chain = context.current_or_none()
        return f"Regulars {chain.name}" if chain else "Regulars"

    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """Ask allauth's own tables."""
        enabled: bool = super().is_mfa_enabled(user, types)
        return enabled
