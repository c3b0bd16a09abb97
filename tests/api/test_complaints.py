"""Complaints over the API: raised, listed, taken along their way, and never closed too early."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from regulars.audit import SYSTEM
from regulars.complaints import checklist, services
from regulars.complaints.models import Case, Entry, Remedy
from regulars.complaints.services import remedies
from regulars.stores.models import Store
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests.api.conftest import Till
from tests.factories import complaints, customers, people
from tests.factories.complaints import Cast, settle
from tests.factories.customers import NOW


@pytest.fixture
def inside(aurum: ChainInfo) -> Callable[[], Any]:
    """Give a way into aurum for the parts of a test that look behind the API."""
    return lambda: context.inside(aurum)


@pytest.fixture
def cast(aurum: ChainInfo) -> Cast:
    with context.inside(aurum):
        return complaints.cast()


def body(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "store": cast.store.code,
        "guide": str(cast.guide.id),
        "text": "A stone fell out.",
        "kind": "loose-stone",
        "answers": {"piece": "GIA 1"},
        "raised": "phone",
        "customer": {"id": str(cast.customer.pk)},
        **changes,
    }


def step(till: Till, case_id: Any, cast: Cast, name: str, **facts: Any) -> Any:
    sent = {"guide": str(cast.guide.id), "step": name, **facts}
    return till.post(f"complaints/{case_id}/steps", sent)


class TestRaising:
    """A call centre or a partner's page writes a complaint down."""

    def test_who_heard_it_owns_it_and_its_clocks_run(self, till: Till, cast: Cast) -> None:
        answer = till.post("complaints", body(cast))

        assert answer.status_code == 201, answer.content
        told = answer.json()
        assert told["owner_id"] == str(cast.guide.id)
        assert told["customer_id"] == str(cast.customer.pk)
        assert (told["state"], told["answers"]) == ("heard", {"piece": "GIA 1"})
        assert told["due_at"] is not None
        assert [each["kind"] for each in told["steps"]] == ["opened"]

    def test_without_anybody_it_waits_for_the_first_who_opens_it(
        self, till: Till, cast: Cast
    ) -> None:
        sent = body(cast, guide=None, customer=None, name="Dora", raised="web")

        told = till.post("complaints", sent).json()

        assert (told["owner_id"], told["customer_id"], told["name"]) == (None, None, "Dora")

    def test_sent_twice_it_is_one(self, till: Till, cast: Cast, inside: Any) -> None:
        first, again = (till.post("complaints", body(cast), key="one") for _ in range(2))

        assert first.content == again.content
        assert again["Idempotency-Replayed"] == "true"
        with inside():
            assert Case.objects.count() == 1

    def test_what_only_employees_can_know_is_not_required_of_a_partners_page(
        self, till: Till, cast: Cast
    ) -> None:
        kinds = {each["key"]: each for each in till.get("complaints/kinds").json()["data"]}
        asked = {each["key"]: each["asks_customer"] for each in kinds["loose-stone"]["asks"]}

        answer = till.post("complaints", body(cast, guide=None, raised="web"))

        assert (asked["piece"], asked["certificate"]) == (True, False)
        assert answer.status_code == 201, answer.content

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"kind": "no-such"}, "#/kind"),
            ({"answers": {}}, "#/answers/piece"),
            ({"store": "nowhere"}, "#/store"),
            ({"customer": {"phone": "13900139000"}}, "#/customer"),
            ({"purchase_id": "019a0000-0000-7000-8000-000000000000"}, "#/purchase_id"),
            ({"colour": "red"}, "#/colour"),
        ],
    )
    def test_what_cannot_be_kept_is_named(
        self, till: Till, cast: Cast, changes: dict[str, Any], pointer: str
    ) -> None:
        answer = till.post("complaints", body(cast, **changes))

        assert answer.status_code == 422
        assert pointer in {each["pointer"] for each in answer.json()["errors"]}

    def test_kinds_say_what_to_ask_in_the_language_asked_for(self, till: Till) -> None:
        till.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
        kinds = {each["key"]: each for each in till.get("complaints/kinds").json()["data"]}

        assert kinds["loose-stone"]["title"] == "掉石或镶口松动"
        assert kinds["skin-reaction"]["urgent"][0] == "立即取下，不再佩戴"
        doubt = next(e for e in kinds["certificate-doubt"]["asks"] if e["key"] == "doubt")
        assert doubt["choices"]["weight"] == "克重"


class TestWithheld:
    """What a franchise keeps to itself, a key of the chain does not tell either (H4)."""

    TYPED = ("name", "phone", "email")

    @pytest.fixture
    def franchise(self, inside: Any) -> Store:
        with inside():
            return people.store(code="900", ownership="franchise", shares_customers=False)

    @pytest.fixture
    def case(self, franchise: Store, inside: Any) -> Case:
        with inside():
            draft = services.Draft(
                store_id=franchise.pk, raised="web", text="It broke.", name="Secretia",
                phone="+8613900139000", email="s@x.example",
            )  # fmt: skip
            return services.open_case(actor=SYSTEM, draft=draft, now=NOW, key="withheld")

    def told(self, till: Till, case: Case) -> tuple[str, ...]:
        answer = till.get(f"complaints/{case.pk}").json()
        return tuple(answer[name] for name in self.TYPED)

    def test_what_was_said_in_that_store_is_not_there(
        self, till: Till, cast: Cast, case: Case, franchise: Store
    ) -> None:
        assert till.get(f"complaints/{case.pk}").status_code == 404
        assert till.get("complaints").json()["data"] == []
        raised = till.post("complaints", body(cast, store=str(franchise.pk)))
        assert raised.status_code == 422

    def test_of_their_customer_elsewhere_neither_name_nor_number_nor_address(
        self, till: Till, cast: Cast, franchise: Store, inside: Any
    ) -> None:
        with inside():
            known = customers.customer(name="Secretia", store=franchise)
            draft = services.Draft(
                store_id=cast.store.pk, raised="web", text="It broke.", name="Secretia",
                customer_id=known.pk, phone="+8613900139000", email="s@x.example",
            )  # fmt: skip
            here = services.open_case(actor=SYSTEM, draft=draft, now=NOW, key="elsewhere")

        assert self.told(till, here) == ("", "", "")

    def test_a_key_of_that_store_is_told(
        self, case: Case, franchise: Store, aurum: ChainInfo, make_till: Callable[..., Till]
    ) -> None:
        theirs = make_till(aurum, "complaints.read", store_id=franchise.pk)

        assert self.told(theirs, case) == ("Secretia", "+8613900139000", "s@x.example")

    def test_once_the_store_shares_it_is_told(
        self, till: Till, case: Case, franchise: Store, inside: Any
    ) -> None:
        with inside():
            Store.objects.filter(pk=franchise.pk).update(shares_customers=True)

        assert self.told(till, case)[0] == "Secretia"


class TestClosing:
    """A complaint is not closed while its list is open, whatever interface tries (Q4)."""

    @pytest.fixture
    def asked(self, cast: Cast, inside: Any) -> Case:
        """A complaint whose customer was asked, of which one item is still open."""
        with inside():
            case = complaints.case(cast)
            wish = remedies.Wish(kind="repair", label="Set anew")
            mended = remedies.ask(actor=cast.manager, case_id=case.pk, wish=wish, now=NOW, key="r")
            remedies.carry_out(actor=cast.manager, remedy_id=mended.pk, now=NOW)
            case.refresh_from_db()
            settle(case, cast.guide, upto="agreed")
            facts: dict[str, Any] = {"actor": cast.guide, "case_id": case.pk, "now": NOW}
            services.do(**facts, text="Done.", key="d")
            services.ask(**facts, text="Are you satisfied?", key="a")
            return case

    def test_not_by_the_api_until_the_list_is_done(
        self, till: Till, cast: Cast, asked: Case, inside: Any
    ) -> None:
        said = step(till, asked.pk, cast, "answer", satisfied=True, text="Yes")
        refused = step(till, asked.pk, cast, "close")
        left = [each["key"] for each in said.json()["items"] if each["open"]]

        assert (said.status_code, said.json()["state"]) == (201, "asked")
        assert (refused.status_code, refused.json()["code"]) == (409, "complaint-list-open")
        assert left == ["reform"]
        with inside():
            asked.refresh_from_db()
            assert asked.state == "asked"

        for item in left:
            step(till, asked.pk, cast, "tick", item=item, text="We check claws.")
        closed = step(till, asked.pk, cast, "close")

        assert (closed.status_code, closed.json()["ended"]) == (201, "satisfied")

    def test_control_without_the_list_it_would_be_closed(
        self, till: Till, cast: Cast, asked: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        step(till, asked.pk, cast, "answer", satisfied=True, text="Yes")
        monkeypatch.setattr(checklist, "open_items", lambda items, past: ())

        assert step(till, asked.pk, cast, "close").json()["state"] == "closed"

    def test_nor_before_the_customer_is_satisfied(
        self, till: Till, cast: Cast, asked: Case
    ) -> None:
        assert step(till, asked.pk, cast, "close").json()["code"] == "complaint-not-now"

    def test_there_is_no_other_end_and_no_approval_over_the_api(
        self, till: Till, cast: Cast, asked: Case
    ) -> None:
        for name in ("spam", "end", "hand-on", "approve"):
            assert step(till, asked.pk, cast, name).status_code == 422


class TestSteps:
    """The services' own moves, in the name of whoever owns the complaint."""

    @pytest.fixture
    def case(self, cast: Cast, inside: Any) -> Case:
        with inside():
            return complaints.case(cast)

    def test_the_way_is_gone_step_by_step(
        self, till: Till, cast: Cast, case: Case, inside: Any
    ) -> None:
        way: list[tuple[str, dict[str, Any]]] = [
            ("apologise", {"text": "Sorry."}),
            ("investigate", {"text": "You cannot wear it.", "promised_at": "2026-11-22T10:00Z"}),
            ("find", {"text": "A claw was bent.", "cause": "goods", "since": "today"}),
            ("propose", {"text": "We set it anew.", "cause_told": True, "remedies": []}),
            ("agree", {"how": "phone"}),
        ]
        for name, facts in way:
            answer = step(till, case.pk, cast, name, **facts)
            assert answer.status_code == 201, (name, answer.content)

        assert answer.json()["state"] == "agreed"
        with inside():
            steps = Entry.objects.filter(case=case, by=cast.guide.id)
            assert steps.filter(kind="proposed", public=True).count() == 1

    def test_a_step_that_does_not_follow_is_refused(
        self, till: Till, cast: Cast, case: Case
    ) -> None:
        answer = step(till, case.pk, cast, "propose", text="A new one", cause_told=True)

        assert (answer.status_code, answer.json()["code"]) == (409, "complaint-not-now")

    def test_members_belong_to_their_step(self, till: Till, cast: Cast, case: Case) -> None:
        missing = step(till, case.pk, cast, "find", text="A claw was bent.")
        loose = step(till, case.pk, cast, "note", text="Hm", satisfied=True)

        assert {e["pointer"] for e in missing.json()["errors"]} == {"#/cause", "#/since"}
        assert {e["pointer"] for e in loose.json()["errors"]} == {"#/satisfied"}

    def test_only_its_owner_takes_it_further(self, till: Till, cast: Cast, case: Case) -> None:
        sent = {"guide": str(cast.colleague.id), "step": "message", "text": "Hello"}

        answer = till.post(f"complaints/{case.pk}/steps", sent)

        assert (answer.status_code, answer.json()["code"]) == (403, "complaint-not-owner")

    def test_a_remedy_waits_for_a_person(
        self, till: Till, cast: Cast, case: Case, inside: Any
    ) -> None:
        sent = {"guide": str(cast.guide.id), "kind": "gift", "label": "Box", "amount_minor": 100}

        answer = till.post(f"complaints/{case.pk}/remedies", sent)

        assert answer.status_code == 201, answer.content
        assert (answer.json()["state"], answer.json()["approval"]) == ("asked", "store-manager")
        with inside():
            assert Remedy.objects.get().asked_by_id == cast.guide.id


class TestReading:
    """Lists with filters and a cursor; a key of a store sees its own."""

    def test_pages_go_on_by_cursor(self, till: Till, cast: Cast, inside: Any) -> None:
        with inside():
            made = [str(complaints.case(cast).pk) for _ in range(3)]

        first = till.get("complaints", limit=2).json()
        second = till.get("complaints", limit=2, cursor=first["next"]).json()

        assert [each["id"] for each in (*first["data"], *second["data"])] == made
        assert second["next"] is None

    def test_filters_narrow(self, till: Till, cast: Cast, inside: Any) -> None:
        with inside():
            open_, over = complaints.case(cast), complaints.case(cast, severity="high")
            services.end(
                actor=cast.manager, case_id=over.pk, how="spam", reason="?", now=NOW, key="e"
            )

        def found(**filters: Any) -> list[str]:
            return [each["id"] for each in till.get("complaints", **filters).json()["data"]]

        assert found(open="true") == [str(open_.pk)]
        assert found(open="false") == [str(over.pk)]
        assert found(severity="high", store_id=str(cast.store.pk)) == [str(over.pk)]
        assert found(severity="high", open="true") == []
        assert found(severity="medium", late="true") == [str(open_.pk)]
        assert found(state="heard") == [str(open_.pk)]
        assert found(state="closed") == [str(over.pk)]
        assert found(number=open_.number.replace("-", "")) == [str(open_.pk)]
        assert found(customer_id=str(cast.customer.pk)) == [str(open_.pk), str(over.pk)]
        assert found(owner_id=str(cast.manager.id)) == []
        assert found(kind="loose-stone", owner_id=str(cast.guide.id)) == []

    @pytest.mark.parametrize("filters", [{"kind": "x"}, {"severity": "high", "open": "false"}])
    def test_what_is_rare_among_all_that_ever_was_is_looked_for_near_something(
        self, till: Till, filters: dict[str, str]
    ) -> None:
        refused = till.get("complaints", **filters)

        assert refused.status_code == 422
        assert "store_id" in str(refused.json())
        assert till.get("complaints", **{**filters, "open": "true"}).status_code == 200

    def test_open_ones_are_found_without_a_look_at_what_is_over(
        self, till: Till, cast: Cast, inside: Any
    ) -> None:
        with inside():
            complaints.case(cast)
        with CaptureQueriesContext(connection) as seen:
            till.get("complaints", late="true", severity="urgent")

        (read,) = [each["sql"] for each in seen if "severity" in each["sql"]]
        assert "= ANY(ARRAY(SELECT" in read

    @pytest.mark.parametrize(
        "filters", [{"open": "maybe"}, {"state": "no-such"}, {"store_id": "x"}, {"late": "\0"}]
    )
    def test_a_filter_that_cannot_be_read_is_refused(
        self, till: Till, filters: dict[str, str]
    ) -> None:
        assert till.get("complaints", **filters).status_code == 422

    def test_a_key_of_another_store_sees_none_and_changes_none(
        self, aurum: ChainInfo, make_till: Callable[..., Till], cast: Cast, inside: Any
    ) -> None:
        with inside():
            case = complaints.case(cast)
            bound = make_till(aurum, store_id=people.store(code="777").pk)

        assert bound.get("complaints").json()["data"] == []
        assert bound.get(f"complaints/{case.pk}").status_code == 404
        assert bound.post("complaints", body(cast)).status_code == 422
        assert step(bound, case.pk, cast, "note", text="Hm").status_code == 404
        assert bound.post(f"complaints/{case.pk}/remedies", {}).status_code == 404

    def test_a_key_that_reads_does_not_write(
        self, aurum: ChainInfo, make_till: Callable[..., Till], cast: Cast, inside: Any
    ) -> None:
        with inside():
            case = complaints.case(cast)
        reader = make_till(aurum, "complaints.read")

        assert reader.get(f"complaints/{case.pk}").json()["moves"] == []
        assert reader.post("complaints", body(cast)).status_code == 403
        assert step(reader, case.pk, cast, "note", text="Hm").status_code == 403
