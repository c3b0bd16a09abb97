"""Requests and jobs work in their own chain, and in none before and after."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory, override_settings

from regulars.celery import app
from regulars.stores.models import Region
from regulars.tenancy import context, directory, tasks
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.middleware import ChainMiddleware
from regulars.tenancy.models import Chain


def ask(view: Any, host: str) -> Any:
    request = RequestFactory().get("/", headers={"host": host})
    return ChainMiddleware(view)(request)


def test_a_request_sees_its_own_chain_and_leaves_none_behind(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    with context.inside(aurum):
        Region.objects.create(code="canary", name="aurum's")

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(Region.objects.filter(code="canary").count()))

    assert ask(view, "aurum.localhost").content == b"1"
    assert ask(view, "bloom.localhost").content == b"0"
    with pytest.raises(ImproperlyConfigured):
        connection.cursor()


def test_a_view_that_raises_leaves_no_chain_behind(aurum: ChainInfo) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        Region.objects.count()
        raise ValueError("as views do")

    with pytest.raises(ValueError, match="as views do"):
        ask(view, "aurum.localhost")

    with pytest.raises(ImproperlyConfigured):
        connection.cursor()


def test_a_streamed_answer_reads_its_own_chain_though_the_request_is_over(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    with context.inside(aurum):
        Region.objects.create(code="canary", name="aurum's")

    def view(request: HttpRequest) -> StreamingHttpResponse:
        def chunks() -> Iterator[str]:
            for _ in range(2):
                yield str(Region.objects.filter(code="canary").count())

        return StreamingHttpResponse(chunks())

    streams = [iter(ask(view, host)) for host in ("aurum.localhost", "bloom.localhost")]

    assert [next(each) for each in streams] == [b"1", b"0"]
    assert [next(each) for each in streams] == [b"1", b"0"]


@pytest.mark.parametrize(
    ("state", "status"), [("suspended", 403), ("deleting", 404), ("reserved", 503)]
)
def test_a_chain_that_is_not_active_answers_without_its_schema(
    aurum: ChainInfo, state: str, status: int
) -> None:
    with context.public():
        Chain.objects.filter(pk=aurum.id).update(state=state)
    directory._entries.clear()

    def view(request: HttpRequest) -> HttpResponse:
        raise AssertionError("the view must not run")

    with override_settings(ROOT_URLCONF="regulars.urls_public"):
        request = RequestFactory().get("/api/v1/stores", headers={"host": "aurum.localhost"})
        assert ChainMiddleware(view)(request).status_code == status


def test_a_chain_that_is_behind_gets_maintenance_never_a_fault(aurum: ChainInfo) -> None:
    with context.public():
        Chain.objects.filter(pk=aurum.id).update(schema_version=1)
    directory._entries.clear()

    request = RequestFactory().get("/api/v1/stores", headers={"host": "aurum.localhost"})
    answer: Any = ChainMiddleware(lambda _request: HttpResponse("ran"))(request)

    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert json.loads(answer.content)["code"] == "maintenance"


def test_a_task_without_a_chain_does_not_run(db: None) -> None:
    ran: list[str] = []

    with pytest.raises(tasks.ChainUnavailable):
        make_task(ran)()

    assert ran == []


def test_a_task_of_a_suspended_chain_does_not_run(aurum: ChainInfo) -> None:
    ran: list[str] = []
    with context.public():
        Chain.objects.filter(pk=aurum.id).update(state="suspended")

    with pytest.raises(tasks.ChainUnavailable):
        make_task(ran)(chain_id=str(aurum.id))

    assert ran == []


def test_a_task_of_an_unknown_chain_does_not_run(db: None) -> None:
    ran: list[str] = []

    with pytest.raises(tasks.ChainUnavailable):
        make_task(ran)(chain_id="01890a5d-ac96-774b-bcce-b302099a8057")

    assert ran == []


def test_a_task_works_inside_its_chain_and_leaves_none_behind(aurum: ChainInfo) -> None:
    ran: list[str] = []

    make_task(ran)(chain_id=str(aurum.id))

    assert ran == [aurum.schema_name]
    assert context.current_or_none() is None


def make_task(ran: list[str]) -> Any:
    """Return a ChainTask that notes the schema it ran in."""

    class Noting(tasks.ChainTask):
        name = f"tests.noting-{id(ran)}"

        def run(self, *, chain_id: str) -> None:
            ran.append(context.current().schema_name)

    return app.register_task(Noting())
