"""What somebody said is shown to them, goes with them, and leaves the figures (item 11)."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from regulars.audit import SYSTEM, Actor, ActorKind, Scope
from regulars.audit.models import Entry as Audited
from regulars.complaints import numbers, pictures, selectors, services
from regulars.complaints.models import Case, Entry
from regulars.complaints.services import holding, tending
from regulars.errors import Forbidden, NotFound
from regulars.outbox.models import Job
from regulars.tenancy.context import ChainInfo
from regulars.usecases import disclose, erase
from tests.complaints.test_pictures import picture
from tests.factories import complaints
from tests.factories.complaints import Cast, settle
from tests.factories.customers import NOW

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return complaints.cast()


def written(cast: Cast, **facts: Any) -> Case:
    """Raise a complaint of somebody unknown on the public page."""
    return complaints.case(
        cast, by=SYSTEM, customer_id=None, raised="web", name="Dora", phone="+8613900139000",
        email="dora@example.com", **facts,
    )  # fmt: skip


def test_a_customer_is_told_what_they_said_and_heard_and_no_more(cast: Cast) -> None:
    case = complaints.case(cast, by=cast.manager)
    settle(case, cast.manager, upto="proposed")
    services.note(actor=cast.manager, case_id=case.pk, text="Always late.", now=NOW, key="n")
    services.end(
        actor=cast.manager, case_id=case.pk, how="withdrawn", reason="Gave up on us.", now=NOW,
        key="e",
    )  # fmt: skip

    told = disclose.disclose(actor=SYSTEM, customer_id=cast.customer.pk, asked="letter", now=NOW)

    (found,) = told["records"][0]["complaints"]
    texts = [each["text"] for each in found["steps"]]
    assert texts[0] == "It broke."
    assert "We set it anew." in texts
    assert "Always late." not in str(found)
    assert "Gave up on us." not in str(found)


def test_an_erased_customer_leaves_the_figures_and_no_word(cast: Cast) -> None:
    case = complaints.case(cast, by=cast.manager, template="loose-stone", is_short=True,
                           answers={"piece": "GIA 1"})  # fmt: skip
    settle(case, cast.manager, upto="proposed")

    erase.erase(actor=SYSTEM, customer_id=cast.customer.pk, reason="letter", now=NOW)

    case.refresh_from_db()
    assert (case.state, case.ended, case.cause) == ("closed", "withdrawn", "setting")
    assert (case.title, case.answers, case.template) == ("", {}, "loose-stone")
    assert set(Entry.objects.filter(case=case).values_list("text", flat=True)) == {""}
    assert not Entry.objects.filter(case=case, data__has_key="since").exists()
    assert Job.objects.filter(handler="complaint.closed").exists()
    with pytest.raises(NotFound):
        selectors.by_token(numbers.token(case.pk))


class TestUnknown:
    """Somebody who is none of our customers has the same rights, by their number."""

    def test_head_office_hands_out_what_they_wrote(self, cast: Cast) -> None:
        case = written(cast)

        told = holding.disclose_unknown(
            actor=cast.office, number=case.number.replace("-", " "), asked="mail"
        )

        (found,) = told["complaints"]
        assert (found["name"], found["steps"][0]["text"]) == ("Dora", "It broke.")
        assert Audited.objects.filter(action="complaint.disclosed").count() == 1

    def test_head_office_erases_it_with_its_pictures(self, cast: Cast) -> None:
        with pictures.kept([open_file()]) as files:
            case = written(cast, files=files)

        holding.erase_unknown(actor=cast.office, number=case.number, reason="mail", now=NOW)

        case.refresh_from_db()
        assert (case.name, case.phone, case.email, case.title) == ("", "", "", "")
        assert (case.state, case.ended) == ("closed", "withdrawn")
        assert pictures.of_case(case.pk) == []
        assert Job.objects.filter(handler=pictures.DROP).count() == 1
        with pytest.raises(NotFound):
            holding.unknown(actor=cast.office, number=case.number)

    def test_a_customers_is_refused_and_so_is_everybody_but_head_office(self, cast: Cast) -> None:
        known, unknown = complaints.case(cast), written(cast)

        with pytest.raises(holding.IsACustomers):
            holding.erase_unknown(actor=cast.office, number=known.number, reason="?", now=NOW)
        for actor in (cast.guide, cast.manager, cast.region):
            with pytest.raises(Forbidden):
                holding.erase_unknown(actor=actor, number=unknown.number, reason="?", now=NOW)
        known.refresh_from_db()
        assert known.title == "It broke."


class TestPicturesOfARepeat:
    """A request that comes twice leaves no picture that no step names."""

    def dropped(self) -> list[str]:
        jobs = Job.objects.filter(handler=pictures.DROP)
        return [name for job in jobs for name in job.payload["names"]]

    def test_when_a_complaint_is_raised(self, cast: Cast) -> None:
        with pictures.kept([open_file()]) as first:
            case = complaints.case(cast, key="same", files=first)
        with pictures.kept([open_file()]) as again:
            complaints.case(cast, key="same", files=again)

        assert pictures.of_case(case.pk) == list(first)
        assert self.dropped() == list(again)

    @pytest.mark.parametrize("is_closed", [False, True])
    def test_when_the_customer_writes(self, cast: Cast, *, is_closed: bool) -> None:
        case = written(cast)
        if is_closed:
            facts: dict[str, Any] = {"how": "spam", "reason": "?", "now": NOW, "key": "e"}
            case = services.end(actor=cast.manager, case_id=case.pk, **facts)
        named = []
        for _ in range(2):
            with pictures.kept([open_file()]) as files:
                tending.customer_writes(
                    case, actor=CUSTOMER, text="Look", now=NOW, key="once", files=files
                )
            named.append(files)

        assert pictures.of_case(case.pk) == list(named[0])
        assert self.dropped() == list(named[1])


def open_file() -> BytesIO:
    return BytesIO(picture())
