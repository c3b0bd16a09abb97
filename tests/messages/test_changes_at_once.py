"""Settings that several people change at the same moment: nobody's change is lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection, connections, transaction

from regulars.audit import SYSTEM
from regulars.errors import NotFound
from regulars.kit.labels import Language
from regulars.messages import services
from regulars.messages.gateways.contract import Approval, Draft
from regulars.messages.selectors import templates
from regulars.messages.selectors.templates import Approved
from regulars.messages.services import approving
from regulars.registry import selectors as registry
from regulars.registry.models import Declaration
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from tests.factories.contacts import budget, limits
from tests.factories.customers import NOW
from tests.messages.test_templates import save

KEY = "own-birthday"


@pytest.fixture
def chain(own_database: str) -> Iterator[ChainInfo]:
    found = directory.find("aurum")
    assert found is not None
    with context.inside(found):
        yield found


def one_before_the_other_commits(
    chain: ChainInfo, first: Callable[[], Any], second: Callable[[], Any]
) -> None:
    """Let `second` begin while what `first` did is not committed yet."""
    done, waiting = Event(), Event()

    def holding() -> None:
        with context.inside(chain), transaction.atomic():
            first()
            done.set()
            assert waiting.wait(20)

    def following() -> None:
        with context.inside(chain):
            assert done.wait(20)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            begun.set()
            second()

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connections["default"].close()

    pids: list[int] = []
    begun = Event()
    with ThreadPoolExecutor(2) as pool:
        works = [pool.submit(run, holding), pool.submit(run, following)]
        try:
            assert begun.wait(20)
            _until_it_waits(pids[0])
        finally:
            waiting.set()
        for work in works:
            work.result(timeout=30)


def _until_it_waits(pid: int) -> None:
    """Return as soon as a connection waits for a lock."""
    with connection.cursor() as cursor:
        for _ in range(2_000):
            cursor.execute("SELECT cardinality(pg_blocking_pids(%s)), pg_sleep(0.01)", [pid])
            if cursor.fetchone()[0]:
                return
    raise AssertionError("The second change did not wait for the first.")


def exception(tier: str) -> None:
    services.set_part(actor=SYSTEM, body={"limits": limits(9)}, now=NOW, tier=tier)


def said(provider: str, *, language: Language = "zh-Hans", id_: str = "SMS_1") -> None:
    approving.keep(
        actor=SYSTEM,
        key=KEY,
        provider=provider,
        language=language,
        approved=Approved(id=id_, state="pending", text="x"),
        now=NOW,
    )


def test_two_exceptions_of_levels_are_both_kept(chain: ChainInfo) -> None:
    budget()

    one_before_the_other_commits(chain, lambda: exception("gold"), lambda: exception("silver"))

    body = Declaration.objects.get(noun="budget").body
    assert set(body["tiers"]) == {"gold", "silver"}
    assert body["limits"] == limits()


def test_what_two_providers_say_is_both_kept(chain: ChainInfo) -> None:
    save()

    one_before_the_other_commits(chain, lambda: said("aliyun"), lambda: said("tencent"))

    registry.forget(chain.id)
    assert set(templates.at_providers(KEY)) == {("aliyun", "zh-Hans"), ("tencent", "zh-Hans")}


@pytest.mark.usefixtures("inside_aurum")
def test_what_another_process_kept_is_not_undone_from_memory() -> None:
    save()
    said("aliyun")
    assert templates.at_providers(KEY)
    row = Declaration.objects.get(noun=templates.NOUN)
    row.body = {**row.body, "wechat": {"en": Approved(id="TM1", state="approved").plain()}}
    row.save()

    said("tencent")

    assert {provider for provider, _language in templates.at_providers(KEY)} == {
        "aliyun",
        "tencent",
        "wechat",
    }


class Slow:
    """A provider that is asked while somebody hands the text in anew, or forgets it."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self.meanwhile = meanwhile

    def submit(self, draft: Draft) -> str:
        raise NotImplementedError

    def approval(self, template: str) -> Approval:
        self.meanwhile()
        return Approval(state="approved")


def asked(meanwhile: Callable[[], None]) -> Approved:
    return approving.track(
        actor=SYSTEM,
        gateway=Slow(meanwhile),
        provider="aliyun",
        key=KEY,
        language="zh-Hans",
        now=NOW,
    )


@pytest.mark.usefixtures("inside_aurum")
def test_an_answer_about_what_was_handed_in_before_changes_nothing() -> None:
    save()
    said("aliyun")

    answer = asked(lambda: said("aliyun", id_="SMS_2"))

    kept = templates.at_providers(KEY)["aliyun", "zh-Hans"]
    assert (kept.id, kept.state) == ("SMS_2", "pending") == (answer.id, answer.state)


@pytest.mark.usefixtures("inside_aurum")
def test_what_was_forgotten_meanwhile_stays_forgotten() -> None:
    save()
    said("aliyun")

    def forget() -> None:
        approving.keep(
            actor=SYSTEM, key=KEY, provider="aliyun", language="zh-Hans", approved=None, now=NOW
        )

    with pytest.raises(NotFound):
        asked(forget)
    assert not templates.at_providers(KEY)
