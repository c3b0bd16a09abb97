"""Chains of which two subscriptions run: bought twice, by two people or past our own door."""

from regulars.billing import gateway


def running(customer: str) -> list[str]:
    """Return the subscriptions of a customer that run, the one that counts here first.

    Raises gateway.Away or gateway.Refused.
    """
    with gateway.mapped():
        listed = gateway.client().subscriptions.list(
            {"customer": customer, "status": "all", "limit": 100}
        )
        live = [each for each in listed.auto_paging_iter() if each.status in gateway.LIVE]
    return [each.id for each in sorted(live, key=lambda each: (each.created, each.id))]
