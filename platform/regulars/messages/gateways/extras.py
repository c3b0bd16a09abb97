"""Official packages of providers: optional, loaded when a chain first uses one."""

from importlib import import_module
from typing import Any

from regulars.messages.gateways import faults
from regulars.messages.gateways.contract import TryLater


def load(module: str, *, extra: str) -> Any:
    """Import a provider's module. Raises `TryLater` that names the command which installs it.

    Dynamic on purpose: the packages are large, untyped and absent on most servers.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        sentence = f"Install it with: pip install 'regulars[{extra}]'"
        after = faults.of_account("not-installed").after
        raise TryLater("not-installed", sentence, after=after) from error
