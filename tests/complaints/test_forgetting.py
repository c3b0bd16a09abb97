"""Nothing of what somebody said outlives their erasure: typed words, logs, and what races it."""

from pathlib import Path
from typing import Any

import pytest

from regulars.audit import SYSTEM, Actor, ActorKind, Scope
from regulars.audit.models import Entry as Audited
from regulars.complaints import services
from regulars.complaints.models import Case, Entry, Remedy
from regulars.complaints.services import opening, remedies, tending, writing
from regulars.complaints.services.remedies import Wish
from regulars.customers.models import Customer
from regulars.customers.selectors import visibility
from regulars.errors import NotFound
from regulars.tenancy.context import ChainInfo
from regulars.usecases import complain_alone, erase, merge
from tests.factories import complaints, customers
from tests.factories.complaints import Cast
from tests.factories.customers import NOW

CUSTOMER = Actor(kind=ActorKind.CUSTOMER, scope=Scope(everything=True))


@pytest.fixture
def cast(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return complaints.cast()


def forget(customer_id: Any) -> None:
    erase.erase(actor=SYSTEM, customer_id=customer_id, reason="letter", now=NOW)


def test_what_was_typed_of_a_remedy_goes_and_was_never_in_the_log(cast: Cast) -> None:
    case = complaints.case(cast, by=cast.manager)
    wish = Wish(kind="gift", label="Flowers to Carol Smith", amount_minor=100)
    remedies.ask(actor=cast.manager, case_id=case.pk, wish=wish, now=NOW, key="g")
    facts: dict[str, Any] = {"actor": cast.manager, "case_id": case.pk, "now": NOW}
    assert cast.colleague.id is not None
    services.hand_on(**facts, staff_id=cast.colleague.id, reason="Carol Smith shouts", key="h")
    services.end(**facts, how="withdrawn", reason="Carol Smith gave up", key="e")
    assert Entry.objects.filter(data__has_key="label").exists()

    forget(cast.customer.pk)

    assert not Entry.objects.filter(text__contains="Carol").exists()
    assert not Entry.objects.filter(data__has_key="label").exists()
    assert Remedy.objects.get().label == ""
    logged = [str(data) for data in Audited.objects.values_list("data", flat=True)]
    assert len(logged) > 3
    assert not [each for each in logged if "Carol" in each]


class TestBetweenTheLookAndTheWriting:
    """Somebody is erased or merged after they were looked up."""

    def meanwhile(self, monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
        looked_up = visibility.get

        def late(**given: Any) -> Customer:
            found = looked_up(**given)
            monkeypatch.setattr(visibility, "get", looked_up)
            happens()
            return found

        monkeypatch.setattr(visibility, "get", late)

    def draft(self, cast: Cast) -> opening.Draft:
        return opening.Draft(
            store_id=cast.store.pk, raised="counter", text="Secret", customer_id=cast.customer.pk
        )

    def test_no_complaint_is_raised_for_who_was_erased(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.meanwhile(monkeypatch, lambda: forget(cast.customer.pk))

        with pytest.raises(NotFound):
            services.open_case(actor=cast.guide, draft=self.draft(cast), now=NOW, key="k")

        assert not Case.objects.exists()

    def test_a_complaint_is_the_survivors_of_a_merge(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = customers.customer(store=cast.store, owner=None)
        self.meanwhile(
            monkeypatch,
            lambda: merge.merge(
                actor=SYSTEM, kept_id=kept.pk, absorbed_id=cast.customer.pk, now=NOW
            ),
        )

        case = services.open_case(actor=cast.guide, draft=self.draft(cast), now=NOW, key="k")

        assert case.customer_id == kept.pk

    def test_none_is_attached_to_who_was_erased(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = complaints.case(cast, customer_id=None)
        self.meanwhile(monkeypatch, lambda: forget(cast.customer.pk))

        with pytest.raises(NotFound):
            tending.attach(
                actor=cast.guide, case_id=case.pk, customer_id=cast.customer.pk, now=NOW, key="a"
            )

        case.refresh_from_db()
        assert case.customer_id is None


def test_nothing_is_added_to_what_was_erased(cast: Cast) -> None:
    case = complaints.case(cast)
    forget(cast.customer.pk)

    with pytest.raises(writing.Erased):
        services.note(actor=cast.manager, case_id=case.pk, text="Carol again", now=NOW, key="n")
    with pytest.raises(NotFound):
        complain_alone.written(case_id=case.pk, text="It is me", uploads=(), now=NOW)

    assert not Entry.objects.exclude(text="").exists()


class TestAWordAfterTheEnd:
    """What was no complaint is not opened again by whoever sent it."""

    def ended(self, cast: Cast, how: str, **facts: Any) -> Case:
        case = complaints.case(cast)
        return services.end(
            actor=cast.manager, case_id=case.pk, how=how, reason="?", now=NOW, key="e", **facts
        )

    def write(self, case: Case) -> Case:
        return tending.customer_writes(case, actor=CUSTOMER, text="Buy", now=NOW, key="w")

    def test_spam_stays_closed_and_the_word_is_kept(self, cast: Cast) -> None:
        case = self.write(self.ended(cast, "spam"))

        assert (case.state, case.ended) == ("closed", "spam")
        assert complaints.steps(case)[-1] == "message-in"

    def test_of_two_that_are_one_the_other_ones_owner_is_told(self, cast: Cast) -> None:
        other = complaints.case(cast, key="other")
        case = self.write(self.ended(cast, "duplicate", duplicate_of=other.pk))

        assert (case.state, complaints.steps(case)[-1]) == ("closed", "message-in")
        told = Entry.objects.get(case=other, kind="note")
        assert case.number in told.text
        assert (told.public, "Buy" in told.text) == (False, False)

    def test_it_is_opened_again_where_the_other_is_over(self, cast: Cast) -> None:
        other = complaints.case(cast, key="other")
        case = self.ended(cast, "duplicate", duplicate_of=other.pk)
        services.end(
            actor=cast.manager, case_id=other.pk, how="withdrawn", reason="?", now=NOW, key="o"
        )

        assert self.write(case).state == "investigating"

    def test_what_was_settled_is_opened_again(self, cast: Cast) -> None:
        assert self.write(self.ended(cast, "withdrawn")).state == "investigating"
