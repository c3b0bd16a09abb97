"""A Stripe of our own for laptops and tests: the objects billing uses, over HTTP, kept in SQLite.

`server.Server` runs inside a program, `python -m regulars.local.stripe` on its own. Code talks to
it through the official client; only the address differs. What it does not speak it refuses by name.

    store        objects as JSON, events, deliveries, remembered answers
    parameters   what each operation takes, as the official client declares it
    resources/   the operations, one module per noun
    engine/      money and time: periods, prorations, invoices, payments, what falls due
    delivering   signed webhooks with retries
    pages/       what a person clicks: checkout, 3-D Secure, portal, invoices, the operator's lists
"""

from typing import Final

API_VERSION: Final = "2026-10-28.endive"
