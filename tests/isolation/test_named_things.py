"""Things named in bodies and queries of calls: another chain's are like none at all."""

import json
import re
from typing import Any, Final

import pytest
from django.core.cache import cache
from django.test import Client

from regulars.complaints.models import Case
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from tests import counts
from tests.counts import Note
from tests.isolation import asking, members, things
from tests.isolation.asking import Answer
from tests.isolation.chains import till_of
from tests.isolation.fingerprints import fingerprint
from tests.isolation.members import Member
from tests.isolation.things import Things

# Of a list of ids those that are none are left out, and the call goes on.
LEFT_OUT: Final = {"POST /api/v1/complaints/{complaint_id}/steps remedies[]"}


MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")
WRITTEN: Final = re.compile(rf"{MOMENT.pattern}|[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}")


class Calls:
    """A till of aurum that names things of its own, and of another chain."""

    def __init__(self, aurum: ChainInfo, bloom: ChainInfo) -> None:
        self.client: Client = till_of(aurum).client
        self.client.raise_request_exception = False
        self.own, self.foreign = things.make(aurum), things.make(bloom)
        self.absent = things.absent(self.foreign)
        with context.inside(aurum):
            self.members = members.every()
            Case.objects.filter(pk=self.own["complaint"]).update(
                owner=self.own["staff"], state="investigating"
            )

    def ask(self, member: Member, ids: Things) -> Answer:
        """Call with one of these things in its place, and take back what that did."""
        cache.clear()
        operation, key = member.operation, ids[member.kind]
        url, body = operation.url(self.own), ""
        if member.is_query:
            url = f"{url}?{member.path[0]}={key}"
        else:
            body = json.dumps(member.body(self.own, key))
        with asking.undone(), asking.quietly():
            answer: Any = self.client.generic(
                operation.method, url, body, content_type="application/json",
                headers={"idempotency-key": "the same"},
            )  # fmt: skip
            told = Answer.of(answer, self.own | {f"other {name}": ids[name] for name in ids})
        varies = WRITTEN if str(member) in LEFT_OUT else MOMENT
        return Answer(told.status, varies.sub("…", told.body))


@pytest.fixture
def calls(aurum: ChainInfo, bloom: ChainInfo) -> Calls:
    return Calls(aurum, bloom)


@pytest.mark.proof(
    "every member of a body and every query of the OpenAPI document that names a thing: another"
    " chain's thing against one that never was, then a hash of every row of the other chain"
)
def test_another_chains_thing_in_a_body_or_query_is_like_one_that_never_was(
    calls: Calls, bloom: ChainInfo, record_property: Note
) -> None:
    before, differing, taken = fingerprint(bloom), [], []

    for member in calls.members:
        told, never = (calls.ask(member, ids) for ids in (calls.foreign, calls.absent))
        if told != never:
            differing.append(f"{member}: {told.status}, {never.status}")
        if not member.is_query and told.status < "400" and str(member) not in LEFT_OUT:
            taken.append(f"{member}: {told.status}")

    assert differing == []
    assert taken == []
    assert fingerprint(bloom) == before
    record_property("members", len(calls.members))


@pytest.mark.proof("the same with one's own things is answered differently")
def test_positive_control_ones_own_thing_in_a_body_or_query_matters(
    calls: Calls, record_property: Note
) -> None:
    asked = calls.members[:: counts.of(4, proof=1)]

    silent = [
        str(member)
        for member in asked
        if calls.ask(member, calls.own) == calls.ask(member, calls.absent)
    ]

    assert silent == []
    record_property("members", len(asked))


def test_a_member_that_names_a_thing_is_known() -> None:
    with pytest.raises(KeyError):
        members.kind(("uncle_id",))
