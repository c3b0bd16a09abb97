"""Reading the process environment strictly: a value that cannot be understood stops the start."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """Return the variable, or the default; without either, refuse to start."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment.")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """Return a switch written as 1/0, true/false, yes/no or on/off."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Return a whole number not below the minimum."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    if not raw.isdecimal() or int(raw) < minimum:
        raise ImproperlyConfigured(f"{name} must be a whole number from {minimum}, not {raw!r}.")
    return int(raw)


def names(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list without empty items."""
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def folder(name: str, default: Path) -> Path:
    """Return an absolute path; it need not exist yet."""
    return Path(os.environ.get(name) or default).expanduser().absolute()


def database(url: str, **options: Any) -> dict[str, Any]:
    """Turn ``postgresql://user:password@host:port/name?option=value`` into Django's settings."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"A database address looks like postgresql://user:password@host:5432/name, not {url!r}."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "regulars.tenancy.backend",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {**query, **options},
    }


def mailer(url: str) -> dict[str, Any]:
    """Turn ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://…:465`` into a mailer."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured(
            f"A mail server looks like smtp://user:password@host:587, not {url!r}."
        )
    secure = parts.scheme == "smtps"
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if secure else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": secure,
            "use_tls": not secure and parts.port != 25,
            "timeout": 10,
        },
    }
