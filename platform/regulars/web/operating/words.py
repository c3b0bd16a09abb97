"""The operators' page in words: codes of billing become labels and tones."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: dict[str, tuple[str | Promise, str]] = {
    "trial": (_("trial"), "info"),
    "paid": (_("paid"), "good"),
    "late": (_("payment late"), "warning"),
    "ended": (_("ended"), "quiet"),
}
STANDINGS: dict[str, tuple[str | Promise, str]] = {
    **STATES,
    "trial-over": (_("trial over"), "warning"),
}
"""As states, and a trial that is over beside them: it is no trial any more."""
ACCESS: dict[str, tuple[str | Promise, str]] = {
    "full": (_("everything open"), "good"),
    "read-only": (_("read-only"), "warning"),
    "paused": (_("paused"), "warning"),
    "closed": (_("workspace closed"), "bad"),
}
STEPS: dict[str, str | Promise] = {
    "trial-ends": _("Trial ends"),
    "renews": _("Renews"),
    "ends": _("Ends"),
    "full": _("Late"),
    "read-only": _("Read-only"),
    "paused": _("Paused"),
    "closed": _("Workspace closed"),
}
REASONS: dict[str, str | Promise] = {
    "trial": _("On trial"),
    "paid": _("Pays"),
    "trial-over": _("Trial is over"),
    "late": _("Payment is late"),
    "cancelled": _("Cancelled"),
}
EVENTS: dict[str, tuple[str | Promise, str]] = {
    "waiting": (_("waiting"), "info"),
    "done": (_("done"), "good"),
    "ignored": (_("nothing to do"), "quiet"),
    "unknown": (_("of no chain we know"), "warning"),
    "failed": (_("failed"), "bad"),
}
CALLS: dict[str, tuple[str | Promise, str]] = {
    "open": (_("waiting for an answer"), "warning"),
    "refused": (_("refused"), "bad"),
}
