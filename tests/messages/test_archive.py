"""The history of contacts goes into an archive and comes back, whatever the budget says."""

from datetime import datetime
from pathlib import Path

import pytest

from regulars.audit import SYSTEM
from regulars.messages import refusals, services
from regulars.messages.models import Contact
from regulars.tenancy import context, transfer
from tests.factories.contacts import budget, draft, limits, person, reserve
from tests.factories.customers import NOW
from tests.prepared import sign_up


def test_a_chain_comes_back_from_its_archive_with_its_whole_history(
    own_database: str, tmp_path: Path, now: datetime
) -> None:
    chain = sign_up(company="Carat", subdomain="carat", vertical="jewelry", now=now)
    with context.inside(chain):
        budget(limits=limits(1))
        carol = person()
        sent = reserve(carol)
        for state in ("sending", "accepted", "delivered"):
            Contact.objects.filter(pk=sent).update(state=state)
        services.log(actor=SYSTEM, draft=draft(carol, channel="call"), now=NOW)
        before = list(Contact.objects.order_by("pk").values())
    archive = tmp_path / "carat.zip"
    transfer.export(chain_id=chain.id, target=archive)

    restored = transfer.restore(source=archive, subdomain="carat-copy")

    with context.inside(restored):
        assert list(Contact.objects.order_by("pk").values()) == before
        assert [row["flagged"] for row in before] == [False, True]
        with pytest.raises(refusals.BudgetUsedUp):
            reserve(carol)
