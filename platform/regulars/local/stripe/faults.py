"""Refusals in Stripe's form.

Refused
├── Unknown          404, no such object
├── Declined         402, the card was refused (what was written until then stays)
├── KeyReused        400, an idempotency key came with other parameters
└── Unauthorized     401
"""

from typing import Any


class Refused(Exception):
    """An answer that is an error; by default an ``invalid_request_error`` with status 400."""

    status = 400
    kind = "invalid_request_error"
    keeps = False
    """Whether what the operation wrote stays."""

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Say what is wrong as Stripe says it; ``extra`` joins the error's body."""
        super().__init__(message)
        self.message = message
        self.param = param
        self.code = code
        self.extra = extra or {}

    def body(self) -> dict[str, Any]:
        """Give the answer's body."""
        error: dict[str, Any] = {"message": self.message, "type": self.kind, **self.extra}
        if self.code:
            error["code"] = self.code
            error["doc_url"] = f"https://docs.stripe.com/error-codes/{self.code.replace('_', '-')}"
        if self.param:
            error["param"] = self.param
        return {"error": error}


class Unknown(Refused):
    """Nothing has this id."""

    status = 404

    def __init__(self, kind: str, key: str, *, param: str = "id", status: int = 404) -> None:
        """Name what was looked for; an id inside parameters is a 400, one in the path a 404."""
        name = kind.rpartition(".")[2].replace("_", " ")
        super().__init__(f"No such {name}: '{key}'", param=param, code="resource_missing")
        self.status = status


class Declined(Refused):
    """The card was refused."""

    status = 402
    kind = "card_error"
    keeps = True


class KeyReused(Refused):
    """An idempotency key came back with other parameters."""

    kind = "idempotency_error"


class Unauthorized(Refused):
    """The key is missing or not ours."""

    status = 401


def missing(name: str) -> Refused:
    """Give the refusal for a parameter that must be there."""
    return Refused(f"Missing required param: {name}.", param=name, code="parameter_missing")


def unspoken(name: str) -> Refused:
    """Give the refusal for what Stripe knows and the simulator does not."""
    return Refused(
        f"The simulator does not speak {name}.", param=name, code="simulator_unsupported"
    )
