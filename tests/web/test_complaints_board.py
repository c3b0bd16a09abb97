"""The working page of complaints: the list and the board, filters, what is new, files, the rail."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.audit import Actor, ActorKind, Scope
from regulars.audit.models import Entry as AuditEntry
from regulars.complaints import services
from regulars.complaints.models import Case
from regulars.staff import roles, saved
from regulars.staff.models import Role, Staff
from tests.factories import complaints, people
from tests.factories.complaints import Cast
from tests.factories.visitors import Visitor

pytestmark = pytest.mark.usefixtures("inside_aurum")
CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast() -> Cast:
    return complaints.cast()


def browser(actor: Actor) -> Visitor:
    """Sign somebody of the cast in."""
    visitor = Visitor()
    visitor.force_login(
        Staff.objects.get(name=actor.name), backend=settings.AUTHENTICATION_BACKENDS[0]
    )
    return visitor


def raised(cast: Cast, title: str, **facts: Any) -> Case:
    """Raise a complaint a moment ago."""
    facts = {"now": timezone.now(), "key": title, "title": title, **facts}
    return complaints.case(cast, **facts)


def late(case: Case) -> Case:
    """Let the first answer to a complaint be late."""
    at = timezone.now() - timedelta(hours=1)
    Case.objects.filter(pk=case.pk).update(reply_due_at=at, urgent_at=at)
    return case


def shown(visitor: Visitor, query: str = "") -> str:
    answer = visitor.get(f"/complaints/{query}")
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def mark_of(page: str) -> str:
    return page.split('name="mark" value="')[1].split('"')[0]


def test_what_is_most_urgent_stands_first_and_what_is_late_says_so(cast: Cast) -> None:
    raised(cast, "Not so bad", severity="low")
    late(raised(cast, "Very bad", severity="urgent"))

    page = shown(browser(cast.manager))

    assert page.index("Very bad") < page.index("Not so bad")
    assert "First answer late" in page
    assert "Next word due" in page


def test_everybody_sees_their_own_part(cast: Cast) -> None:
    raised(cast, "Broken ring")

    assert "Broken ring" in shown(browser(cast.guide), "?whose=mine")
    assert "Broken ring" not in shown(browser(cast.colleague))
    assert "No open complaints" in shown(browser(cast.stranger))
    assert "Broken ring" in shown(browser(cast.office))


def test_the_board_has_a_column_for_each_state_and_a_phone_shows_one(cast: Cast) -> None:
    raised(cast, "Just heard")
    gone_on = raised(cast, "Said sorry")
    services.apologise(
        actor=cast.guide, case_id=gone_on.pk, text="Sorry.", now=timezone.now(), key="s"
    )
    manager = browser(cast.manager)

    page = shown(manager, "?view=board&column=apologised")

    heard, apologised = page.index('id="column-heard"'), page.index('id="column-apologised"')
    assert heard < page.index("Just heard") < apologised < page.index("Said sorry")
    assert page.count("board-column is-current") == 1
    assert 'board-column is-current" id="column-apologised"' in page
    assert 'is-current" id="column-heard"' in shown(manager, "?view=board")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=apologised", "Sorry"),
        ("?severity=urgent", "Urgent"),
        ("?is=waiting", "Waiting"),
        ("?is=unowned", "Web"),
        ("?is=second", "Second"),
        ("?is=late", "Late"),
        ("?product=R-9", "Product"),
        ("?q=produ", "Product"),
        ("?kind=none&severity=urgent", "Urgent"),
    ],
)
def test_filters_stand_in_the_address(cast: Cast, query: str, found: str) -> None:
    titles = ("Sorry", "Urgent", "Waiting", "Web", "Second", "Late", "Product")
    now = timezone.now()
    case = {
        title: raised(
            cast, f"{title} ring",
            severity="urgent" if title == "Urgent" else "low",
            by=CUSTOMER if title == "Web" else None,
            product_code="R-9" if title == "Product" else "",
            customer_id=None,
        )
        for title in titles
    }  # fmt: skip
    facts: dict[str, Any] = {"actor": cast.guide, "now": now, "key": "k"}
    services.apologise(case_id=case["Sorry"].pk, text="Sorry.", **facts)
    services.wait(case_id=case["Waiting"].pk, text="A picture?", **facts)
    Case.objects.filter(pk=case["Second"].pk).update(round=2)
    late(case["Late"])

    page = shown(browser(cast.manager), query)

    assert [each for each in titles if f"{each} ring" in page] == [found]


def test_a_number_finds_its_complaint_whatever_else_is_chosen(cast: Cast) -> None:
    case = raised(cast, "Numbered", severity="low")
    raised(cast, "Another")

    page = shown(browser(cast.manager), f"?view=board&severity=urgent&q={case.number[:6]}"
                                        f"{case.number[6:].replace('-', '+')}")  # fmt: skip

    assert "Numbered" in page
    assert "Another" not in page


def test_what_makes_no_sense_in_an_address_narrows_nothing(cast: Cast) -> None:
    raised(cast, "Here I am")
    nonsense = (
        "?view=x&whose=%00&is=a&state=b&severity=c&store=d&owner=e&over=f&from=g&q=%00"
        "&column=h&after=i,j&product=%00&kind=%00"
    )

    assert "Here I am" in shown(browser(cast.manager), nonsense)


def test_closed_ones_are_shown_by_when_they_were_closed(cast: Cast) -> None:
    now = timezone.now()
    for title, days in (("Lately", 1), ("Long ago", 40)):
        case = raised(cast, title, now=now - timedelta(days=days))
        services.end(
            actor=cast.manager, case_id=case.pk, how="spam", reason="No",
            now=now - timedelta(days=days), key="e",
        )  # fmt: skip
    manager = browser(cast.manager)

    assert "Lately" not in shown(manager)
    week = shown(manager, "?over=7")
    assert "Lately" in week
    assert "Long ago" not in week
    assert "no complaint at all" in week
    first = (now - timedelta(days=45)).date()
    assert "Long ago" in shown(manager, f"?over=custom&from={first}&to={first + timedelta(days=9)}")
    assert "Nothing was closed" in shown(manager, "?over=custom&from=2019-01-01&to=2019-01-02")


def test_nothing_is_sent_again_until_something_is_new(cast: Cast) -> None:
    case = raised(cast, "Broken ring")
    manager = browser(cast.manager)
    mark = mark_of(shown(manager))

    def fresh() -> Any:
        return manager.get(f"/complaints/?mark={mark}", headers={"HX-Request": "true"})

    assert fresh().status_code == 204
    services.note(actor=cast.guide, case_id=case.pk, text="Called", now=timezone.now(), key="n")
    part = fresh()
    assert part.status_code == 200
    assert 'id="complaint-rows"' in part.content.decode()
    assert "<html" not in part.content.decode()
    mark = mark_of(part.content.decode())
    assert fresh().status_code == 204
    late(case)
    assert fresh().status_code == 200


@pytest.mark.parametrize("query", ["", "?view=board", "?over=30", "?whose=mine&is=late"])
def test_a_page_takes_the_same_statements_however_much_there_is(cast: Cast, query: str) -> None:
    manager = browser(cast.manager)

    def statements(more: str, **headers: Any) -> int:
        with CaptureQueriesContext(connection) as caught:
            manager.get(f"/complaints/{query}{more}", headers=headers)
        return len(caught)

    raised(cast, "First")
    few = statements(""), statements("", **{"HX-Request": "true"})
    for n in range(6):
        late(raised(cast, f"More {n}"))
    many = statements(""), statements("", **{"HX-Request": "true"})

    assert few == many
    assert few[0] <= 14
    assert few[1] <= 8


def test_more_than_a_page_leads_on(cast: Cast) -> None:
    for n in range(52):
        raised(cast, f"Ring {n}.", key=str(n))
    manager = browser(cast.manager)

    page = shown(manager)
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")

    assert page.count("data-row-link") == 50
    assert shown(manager, following).count("data-row-link") == 2
    assert "All that fit the filter: 52" in page
    board = shown(manager, "?view=board")
    assert board.count("data-row-link") == 20
    assert "All 52" in board


def test_a_filter_is_saved_used_and_removed(cast: Cast) -> None:
    manager = browser(cast.manager)
    look = {"query": "is=late&nonsense=1&after=x"}

    answer = manager.post("/complaints/views/", {"name": "Burning", **look}, follow=True)

    assert "Burning" in answer.content.decode()
    assert saved.of(cast.manager, "complaints") == [saved.View("Burning", "is=late")]
    assert "Remove this filter" in shown(manager, "?is=late")
    assert "Burning" not in shown(browser(cast.office))
    manager.post("/complaints/views/", {"name": "Burning", "drop": "1", **look})
    assert saved.of(cast.manager, "complaints") == []


def test_a_filter_without_a_name_is_refused_in_words(cast: Cast) -> None:
    answer = browser(cast.manager).post("/complaints/views/", {"name": " "}, follow=True)

    assert "at most 40 characters" in answer.content.decode()


def test_the_rail_counts_what_waits(cast: Cast) -> None:
    guide, manager = browser(cast.guide), browser(cast.manager)
    assert guide.get("/complaints/count/").content.strip() == b""

    case = raised(cast, "Broken ring")
    other = browser(cast.region)
    late(case)

    assert "complaints wait, 1 is late" in other.get("/complaints/count/").content.decode()
    assert "complaints wait" in manager.get("/complaints/count/").content.decode()


def test_the_day_says_how_many_complaints_wait(cast: Cast) -> None:
    guide = browser(cast.guide)
    assert "complaint waits for you" not in guide.get("/today/").content.decode()

    late(raised(cast, "Broken ring"))

    page = guide.get("/today/").content.decode()
    assert "1 complaint waits for you" in page
    assert "/complaints/?whose=mine" in page
    assert "1 late" in page


def test_the_file_holds_what_is_looked_at_and_is_written_down(cast: Cast) -> None:
    raised(cast, "Loose stone", severity="urgent")
    raised(cast, "Other matter", severity="low")
    manager = browser(cast.manager)

    answer = manager.get("/complaints/complaints.csv?severity=urgent&q=Loose")

    text = answer.getvalue().decode("utf-8-sig")
    assert "Loose stone" in text
    assert "Other matter" not in text
    logged = AuditEntry.objects.get(action="complaints.exported").data["filters"]
    assert "severity=urgent" in logged
    assert "Loose" not in logged  # it may be somebody's name, and a log is never emptied
    assert browser(cast.guide).get("/complaints/complaints.csv").status_code == 403


def test_a_file_is_refused_before_it_begins_to_who_may_not_see_complaints(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, before = browser(cast.manager), AuditEntry.objects.count()
    monkeypatch.setattr(roles, "may", lambda _role: frozenset({"insights.export"}))

    answer = manager.get("/complaints/complaints.csv")

    assert answer.status_code == 403
    assert AuditEntry.objects.count() == before


def test_an_analyst_looks_on_and_may_choose_nothing(cast: Cast) -> None:
    raised(cast, "Broken ring")
    analyst = people.actor(people.staff(name="Ana", role=Role.ANALYST))

    page = shown(browser(analyst))

    assert "Broken ring" in page
    assert 'name="case"' not in page
