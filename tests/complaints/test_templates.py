"""Templates of the chain: a case keeps what it was opened with; causes; limits per role (Q6)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from regulars import kit
from regulars.audit import SYSTEM
from regulars.complaints import causes, checklist, services, templates, timing
from regulars.complaints.models import Case, Remedy
from regulars.complaints.services import remedies
from regulars.complaints.services.remedies import Wish
from regulars.kit import Label, plain
from regulars.kit.care import Check
from regulars.registry import services as registry
from regulars.registry.models import Declaration
from regulars.staff.models import Staff
from regulars.tenancy.context import ChainInfo
from tests.factories import complaints
from tests.factories.complaints import HOUR, Cast, settle
from tests.factories.customers import NOW

KIND = "loose-stone"


@pytest.fixture
def cast(inside_aurum: ChainInfo) -> Cast:
    return complaints.cast()


def declared(**changes: Any) -> kit.Complaint:
    """Change a kind of complaint of the vertical for the chain."""
    kind = templates.find(KIND)
    assert kind is not None
    changed = replace(kind, **changes)
    registry.declare(actor=SYSTEM, noun="complaint", key=KIND, body=plain.dump(changed), now=NOW)
    return changed


def granted(kind: str, approval: str, limit: int | None) -> kit.Remedy:
    return kit.Remedy(
        kind=kind,  # type: ignore[arg-type]
        label=Label(en=kind),
        approval=approval,  # type: ignore[arg-type]
        limit=None if limit is None else Decimal(limit),
    )


def asked(case: Case, cast: Cast, key: str, **facts: Any) -> Remedy:
    wish = Wish(**{"kind": "gift", "label": "Box", "goodwill": True, **facts})
    return remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key=key)


class TestKept:
    """Head office changes a template; complaints that are under way go on as they began."""

    def test_a_case_keeps_its_checklist_when_head_office_adds_to_it(self, cast: Cast) -> None:
        before = complaints.case(cast, by=cast.manager, template=KIND, is_short=True)
        declared(checklist=(Check(key="own-1", label=Label(en="A new item")),))
        after = complaints.case(cast, template=KIND, is_short=True)

        kept, new = ({each.key for each in templates.items(case)} for case in (before, after))

        assert "own.own-1" in new - kept
        assert "own.photographed" in kept
        for item in kept:
            if item.startswith(("own.", "urgent.")):
                services.tick(
                    actor=cast.manager, case_id=before.pk, item=item, text="Done", now=NOW, key=item
                )
        wish = Wish(kind="repair", label="Set anew")
        mended = remedies.ask(actor=cast.manager, case_id=before.pk, wish=wish, now=NOW, key="r")
        remedies.carry_out(actor=cast.manager, remedy_id=mended.pk, now=NOW)
        before.refresh_from_db()
        settle(before, cast.manager)
        services.answered(
            actor=cast.manager, case_id=before.pk, satisfied=True, text="", now=NOW, key="yes"
        )
        before.refresh_from_db()
        assert (before.state, before.ended) == ("closed", "satisfied")

    def test_a_case_keeps_its_times_and_its_limits(self, cast: Cast) -> None:
        before = complaints.case(cast, template=KIND, is_short=True)
        declared(reply_within=1, goodwill=(granted("points", "head-office", 1),))
        case = Case.objects.get(pk=before.pk)

        assert timing.allowed(case.severity, templates.of(case)).reply == HOUR
        wish = Wish(kind="points", points=500, goodwill=True)
        remedy = remedies.ask(actor=cast.guide, case_id=case.pk, wish=wish, now=NOW, key="r")
        assert remedy.state == "approved"

    def test_a_kind_of_ones_own_that_is_gone_stays_with_its_cases(self, cast: Cast) -> None:
        kind = templates.find(KIND)
        own = plain.dump(replace(kind, key="own-1", asks=()))  # type: ignore[type-var]
        registry.declare(actor=SYSTEM, noun="complaint", key="own-1", body=own, now=NOW)
        case = complaints.case(cast, template="own-1", is_short=True)

        Declaration.objects.filter(noun="complaint", key="own-1").delete()
        registry.follow_vertical(actor=SYSTEM, noun="complaint", key="own-1")

        assert templates.find("own-1") is None
        assert templates.of(Case.objects.get(pk=case.pk)) is not None

    def test_a_version_is_kept_once_however_many_cases_it_has(self, cast: Cast) -> None:
        versions = {
            complaints.case(cast, template=KIND, is_short=True).template_version for _ in range(3)
        }

        assert len(versions) == 1
        assert Declaration.objects.filter(noun="complaint-as").count() == 1

    def test_a_case_of_before_goes_by_the_template_of_now(self, cast: Cast) -> None:
        case = complaints.case(cast, template=KIND, is_short=True)
        Case.objects.filter(pk=case.pk).update(template_version="")
        declared(checklist=(Check(key="own-1", label=Label(en="A new item")),))

        items = checklist.items(templates.of(Case.objects.get(pk=case.pk)), "en")

        assert "own.own-1" in {each.key for each in items}

    def test_questions_an_upgrade_adds_do_not_undo_what_head_office_changed(
        self, cast: Cast
    ) -> None:
        kind = declared(regret=Label(en="Oh no."))
        row = Declaration.objects.get(noun="complaint", key=KIND)
        row.body = plain.dump(replace(kind, asks=kind.asks[1:]))  # as of before the upgrade
        row.save()
        registry.set_policy(actor=SYSTEM, key="silence.visits", value=4, now=NOW)  # read anew

        found = templates.find(KIND)

        assert found is not None
        assert found.regret.text("en") == "Oh no."
        assert [each.key for each in found.asks if each.retired] == [kind.asks[0].key]


def test_causes_are_the_templates_own_else_the_usual_ones(cast: Cast) -> None:
    declared(causes=(Check(key="setting", label=Label(en="The setting")),))
    own, other = complaints.case(cast, template=KIND, is_short=True), complaints.case(cast)

    assert causes.offered(own, "en") == (("setting", "The setting"),)
    assert dict(causes.offered(other, "en")).keys() == causes.CORE.keys()
    assert causes.label("setting", KIND, "en") == "The setting"
    assert causes.label("goods", KIND, "en") == str(causes.CORE["goods"])
    assert causes.label("unheard-of", "", "en") == "unheard-of"


class TestLimits:
    """Each role has its limit, and all of a kind in one complaint counts together."""

    @pytest.fixture
    def case(self, cast: Cast) -> Case:
        gifts = (
            granted("gift", "region-manager", 900), granted("gift", "guide", 100),
            granted("gift", "store-manager", 300),
        )  # fmt: skip
        declared(goodwill=gifts)
        return complaints.case(cast, template=KIND, is_short=True)

    @pytest.mark.parametrize(
        ("amount", "role"),
        [(100_00, "guide"), (100_01, "store-manager"), (300_01, "region-manager"),
         (900_01, "head-office")],
    )  # fmt: skip
    def test_the_lowest_role_whose_limit_covers_it_decides(
        self, case: Case, cast: Cast, amount: int, role: str
    ) -> None:
        assert asked(case, cast, "r", amount_minor=amount).approval == role

    def test_what_was_asked_before_counts(self, case: Case, cast: Cast) -> None:
        first = asked(case, cast, "1", amount_minor=60_00)
        second = asked(case, cast, "2", amount_minor=60_00)

        assert (first.state, second.state) == ("approved", "asked")
        assert second.approval == "store-manager"

    def test_what_was_refused_does_not_count(self, case: Case, cast: Cast) -> None:
        much = asked(case, cast, "1", amount_minor=200_00)
        remedies.refuse(actor=cast.manager, remedy_id=much.pk, reason="Too much", now=NOW)

        assert asked(case, cast, "2", amount_minor=60_00).state == "approved"

    def test_another_kind_has_its_own_limit(self, case: Case, cast: Cast) -> None:
        asked(case, cast, "1", amount_minor=100_00)

        assert asked(case, cast, "2", kind="repair", goodwill=False).state == "approved"

    def test_two_people_decide_where_the_parts_come_to_too_much(
        self, case: Case, cast: Cast
    ) -> None:
        facts: dict[str, Any] = {"kind": "refund", "label": "Back", "goodwill": False}
        parts = [
            remedies.ask(
                actor=cast.office, case_id=case.pk, now=NOW, key=str(part),
                wish=Wish(**facts, amount_minor=1_200_00),
            )
            for part in range(2)
        ]  # fmt: skip

        assert [each.state for each in parts] == ["approved", "asked"]


class TestNobodyForThemselves:
    """Who complains decides nothing about it, in whatever role."""

    @pytest.fixture
    def remedy(self, cast: Cast) -> Remedy:
        Staff.objects.filter(name="Mona").update(phone="138 0013 8000")
        type(cast.customer).objects.filter(pk=cast.customer.pk).update(phone="+8613800138000")
        return asked(complaints.case(cast), cast, "r", kind="gift", amount_minor=1)

    def test_they_do_not_refuse(self, remedy: Remedy, cast: Cast) -> None:
        with pytest.raises(remedies.NotYours):
            remedies.refuse(actor=cast.manager, remedy_id=remedy.pk, reason="No", now=NOW)

    def test_they_do_not_carry_out(self, remedy: Remedy, cast: Cast) -> None:
        remedies.approve(actor=cast.office, remedy_id=remedy.pk, now=NOW)

        with pytest.raises(remedies.NotYours):
            remedies.carry_out(actor=cast.manager, remedy_id=remedy.pk, now=NOW)
        assert remedies.carry_out(actor=cast.office, remedy_id=remedy.pk, now=NOW).state == "done"

    def test_a_number_on_the_public_page_is_enough(self, cast: Cast) -> None:
        Staff.objects.filter(name="Mona").update(phone="138 0013 8000")
        case = complaints.case(cast, customer_id=None, phone="+8613800138000")
        wish = Wish(kind="gift", label="Box", amount_minor=1)

        with pytest.raises(remedies.NotYours):
            remedies.ask(actor=cast.manager, case_id=case.pk, wish=wish, now=NOW, key="r")
