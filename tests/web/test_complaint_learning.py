"""The page of what complaints teach: figures that lead to complaints, scope, files, and waiting."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.utils import timezone

from regulars.audit import SYSTEM
from regulars.insights import tasks
from regulars.insights.selectors import complaints_lesson
from regulars.insights.services import learning
from regulars.outbox.models import Job
from regulars.staff.models import Role
from regulars.stores.models import Store
from regulars.usecases import erase
from tests.factories import insights as facts
from tests.factories import people
from tests.factories.headoffice import FIRST, manager, october, text_of, url
from tests.factories.visitors import signed_in
from tests.insights import complaining
from tests.insights.conftest import World

PAGE = "/insights/complaints/"
ROWS = "/insights/complaints/rows/"
AT = datetime(2026, 10, 5, 4, 0, tzinfo=UTC)
SAID = ("钻石松动脱落，戒指没法戴", "钻石松动，要求重新镶嵌", "戒指的钻石脱落了")


@pytest.fixture
def world(inside_aurum: Any) -> World:
    """Four stores with complaints of October: twelve in the first, two in the second."""
    cache.clear()
    found = october()
    for store in (0, 1):
        world_sales(found, store)
    mei = people.staff(name="Mei", email="mei@aurum.example", stores=(found.stores[0],))
    complaining.write(
        complaining.case(
            store_id=found.stores[0 if n < 12 else 1].id,
            at=AT + timedelta(hours=n),
            text=SAID[n % 3],
            title=f"Loose stone {n}",
            customer_id=found.customers[0 if n < 12 else 1],
            owner_id=mei.id,
            product_code="R1",
            product_name="Ring One",
            cause="Setting" if n % 2 else "",
            replied_at=AT + timedelta(hours=n, minutes=10),
            resolved_at=AT + timedelta(hours=n + 30) if n < 11 else None,
            resolve_due_at=AT + timedelta(hours=n + (40 if n % 2 else 20)),
            satisfied=n % 3 != 0 if n < 11 else None,
            cost_minor=10_000 if n == 3 else 0,
        )
        for n in range(14)
    )
    return found


def world_sales(world: World, store: int) -> None:
    """Sell three hundred things to people nobody knows."""
    world.write(
        *(facts.sale(store=world.stores[store].id, customer=None, day=FIRST) for _ in range(300))
    )


def test_the_page_says_what_was_complained_about_with_the_sample(world: World) -> None:
    text = text_of(signed_in().get(url(PAGE)))

    assert "What complaints teach" in text
    assert "Ring One (R1)" in text
    assert "Setting".lower() in text
    assert "No cause found yet" in text
    assert "松动" in text
    assert "23.1" in text  # 14 of 605 purchases, per thousand
    assert "10 min" in text  # first answers
    assert "¥100" in text
    assert "too few to say" in text


def test_every_figure_leads_to_as_many_complaints_as_it_says(world: World) -> None:
    client = signed_in()
    context = client.get(url(PAGE)).context

    led = 0
    for row in [row for table in context["tables"] for row in table["rows"]]:
        if row.cases and row.href:
            assert client.get(row.href).context["total"] == row.cases, row.name
            led += 1
    for topic in context["topics"]:
        assert client.get(topic["href"]).context["total"] == topic["count"]
        led += 1
    for figure in context["figures"]:
        if figure["href"] and figure["label"] == "First answer late":
            late = client.get(figure["href"]).context["total"]
            assert figure["compare"].startswith(f"{late} of ")
            led += 1
    for each in (*context["repeat_causes"], *context["repeat_persons"]):
        assert client.get(each["href"]).context["total"] == each["row"].cases
        led += 1
    assert led > 12


def test_rows_name_the_complaint_and_lead_to_it(world: World) -> None:
    response = signed_in().get(url(ROWS, mark="cost"))

    assert "Loose stone 3" in text_of(response)
    assert "Carol" in text_of(response)
    assert "/complaints/" in response.content.decode()


@pytest.mark.parametrize("query", [
    {"mark": "nonsense"}, {"severity": "awful"}, {"raised": "pigeon"}, {"customer": "me"},
    {"store": UUID(int=5)},
])  # fmt: skip
def test_what_nobody_could_have_meant_is_not_found(world: World, query: dict[str, Any]) -> None:
    assert signed_in().get(url(ROWS, **query)).status_code == 404


def test_a_page_that_somebody_made_up_begins_at_the_front(world: World) -> None:
    assert signed_in().get(url(ROWS, after="x~y", topic="\0weiß")).status_code == 200


def test_an_empty_period_says_what_will_be_here(world: World) -> None:
    response = signed_in().get(f"{PAGE}?period=custom&start=2020-01-01&end=2020-01-31")

    assert "Nobody complained in this period" in text_of(response)


def test_a_manager_sees_their_stores_and_a_guide_nothing(world: World) -> None:
    other = manager(Role.STORE_MANAGER, stores=(world.stores[1],))

    response = other.get(url(PAGE))

    assert response.context["found"].splits.total.cases == 2
    assert world.stores[0].name not in text_of(response)
    rows = other.get(url(ROWS))
    assert rows.context["total"] == 2
    assert "Carol" not in text_of(rows)
    assert other.get(url(PAGE, store=world.stores[0].id)).status_code == 404
    assert "followed" not in response.context
    assert manager_of(Role.GUIDE, world).get(url(PAGE)).status_code == 403


def manager_of(role: Role, world: World) -> Any:
    people.staff(name="Gil", role=role, email="gil@aurum.example", stores=(world.stores[0],))
    return signed_in(email="gil@aurum.example")


def test_what_a_franchise_keeps_to_itself_is_counted_and_neither_read_nor_listed(
    world: World,
) -> None:
    Store.objects.filter(pk=world.stores[0].pk).update(
        ownership=Store.Ownership.FRANCHISE, shares_customers=False
    )
    client = signed_in()

    response, rows = client.get(url(PAGE)), client.get(url(ROWS))

    assert response.context["found"].splits.total.cases == 14
    assert response.context["found"].topics.read == 2
    assert rows.context["total"] == 2
    assert "1 store keeps its customers to itself" in text_of(rows)


@pytest.mark.parametrize("what", ["figures", "times", "topics", "repeats", "rows"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_all_of_it_goes_into_files(world: World, what: str, ending: str) -> None:
    response = signed_in().get(url(f"/insights/files/complaint-{what}.{ending}"))

    assert response.status_code == 200
    content = response.getvalue()
    if ending == "csv":
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(lines) > 1
        assert len({len(line) for line in lines}) == 1


def test_the_file_of_an_analyst_names_nobody(world: World) -> None:
    client = manager(Role.ANALYST)

    content = client.get(url("/insights/files/complaint-rows.csv")).getvalue().decode()

    assert "Carol" not in content
    assert "Loose stone" not in content


@pytest.mark.parametrize("more", [0, 60])
def test_the_page_asks_the_same_however_much_there_is(
    world: World, more: int, django_assert_max_num_queries: Any
) -> None:
    complaining.write(
        complaining.case(
            store_id=world.stores[n % 4].id, at=AT, text=SAID[n % 3], product_code=f"P{n}",
            customer_id=world.customers[n % 3],
        )
        for n in range(more)
    )  # fmt: skip
    client = signed_in()
    client.get(url(PAGE))

    with django_assert_max_num_queries(22):
        client.get(url(PAGE))


class TestMuch:
    """A period with more than is worked out while somebody waits."""

    @pytest.fixture(autouse=True)
    def _much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(complaints_lesson, "MOST_CASES", 5)

    def test_is_worked_out_meanwhile_and_the_page_loads_itself_anew(self, world: World) -> None:
        client = signed_in()
        assert "Being worked out" in text_of(client.get(url(PAGE)))
        waiting = client.get(url(PAGE), HTTP_HX_REQUEST="true")
        assert (waiting.status_code, "HX-Refresh" in waiting) == (204, False)
        [job] = Job.objects.filter(handler="insights.learn")  # asked for once

        tasks.learn(**job.payload, now=timezone.now())

        ready = client.get(url(PAGE), HTTP_HX_REQUEST="true")
        assert ready["HX-Refresh"] == "true"
        text = text_of(client.get(url(PAGE)))
        assert "Ring One (R1)" in text
        assert "As of" in text

    def test_rows_that_need_it_and_files_say_so(self, world: World) -> None:
        client = signed_in()

        assert "being worked out" in text_of(client.get(url(ROWS, topic="钻石")))
        assert client.get(url(ROWS)).context["total"] == 14
        assert client.get(url("/insights/files/complaint-figures.csv")).status_code == 503

    def test_another_scope_never_gets_what_was_kept_for_head_office(self, world: World) -> None:
        signed_in().get(url(PAGE))
        job = Job.objects.get(handler="insights.learn")
        tasks.learn(**job.payload, now=timezone.now())

        other = manager(Role.STORE_MANAGER, stores=(world.stores[1],))

        # Two complaints are worked out at once; nothing of the fourteen is shown.
        assert other.get(url(PAGE)).context["found"].splits.total.cases == 2

    @pytest.mark.parametrize("is_before", [True, False])
    def test_no_word_that_was_erased_is_shown_again(
        self, world: World, monkeypatch: pytest.MonkeyPatch, *, is_before: bool
    ) -> None:
        client, now = signed_in(), timezone.now()
        client.get(url(PAGE))
        about = Job.objects.get(handler="insights.learn").payload["about"]

        def forgotten() -> None:
            erase.erase(actor=SYSTEM, customer_id=world.customers[0], reason="letter", now=now)
            tasks.unlearn(**Job.objects.get(handler="complaint.erased").payload, now=now)

        works_out = complaints_lesson.of_place

        def while_it_is_worked_out(**given: Any) -> Any:
            made = works_out(**given)
            forgotten()
            return made

        if not is_before:
            monkeypatch.setattr(complaints_lesson, "of_place", while_it_is_worked_out)
        tasks.learn(about=about, now=now)
        monkeypatch.setattr(complaints_lesson, "of_place", works_out)
        if is_before:
            assert "松动" in text_of(client.get(url(PAGE)))
            forgotten()

        assert "松动" not in text_of(client.get(url(PAGE)))
        tasks.learn(about=about, now=now)
        assert "Ring One (R1)" in text_of(client.get(url(PAGE)))


def test_later_purchases_are_worked_out_at_night_and_shown_with_their_method(world: World) -> None:
    client = signed_in()
    assert "is not there yet" in text_of(client.get(url(PAGE)))
    now = timezone.now()
    over = now - timedelta(days=120)
    complaining.write(
        complaining.closed(
            store_id=world.stores[0].id, customer_id=world.customers[0], at=over, over=over,
            satisfied=True,
        )
        for _ in range(2)
    )  # fmt: skip

    tasks.learn_all(now=now)

    text = text_of(client.get(url(PAGE)))
    assert "Complained, satisfied at the end" in text
    assert "what went together, not what was the reason" in text
    kept = learning.followed(now=now)
    assert kept is not None
    assert kept[0].effect.satisfied.lone + kept[0].effect.satisfied.matched == 1
    response = client.get(url(ROWS, mark="followed-satisfied"))
    assert response.context["total"] == kept[0].effect.satisfied.matched


def test_my_card_and_the_scorecard_count_complaints_and_lead_to_them(world: World) -> None:
    mei = signed_in(email="mei@aurum.example")

    text = text_of(mei.get(url("/my-card/")))

    assert "Complaints received" in text
    assert "11 of 14" in text
    rows = mei.get(url("/my-card/unresolved/"))
    assert "Loose stone 12" in text_of(rows)
    assert "Loose stone 3" not in text_of(rows)
    office = signed_in()
    assert "Complaints resolved" in text_of(office.get(url("/insights/scorecard/")))
    for kind in ("complaints", "resolved", "contacts", "flagged", "messages", "replies", "slow"):
        assert office.get(url(f"/insights/scorecard/{kind}/")).status_code == 200
        assert office.get(url(f"/insights/scorecard/{kind}/", after="x~y")).status_code == 200
