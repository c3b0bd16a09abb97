"""Eight chains, each with its canary in every corner, and a way to call the application."""

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final
from wsgiref.util import setup_testing_defaults

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from regulars import audit
from regulars.api import keys
from regulars.api.scopes import SCOPES
from regulars.complaints import numbers
from regulars.complaints.models import Case
from regulars.imports import services as imports
from regulars.imports import storage
from regulars.stores.models import Region, Store
from regulars.tenancy import context, directory
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain
from regulars.web.complaining import places
from tests.api.conftest import Till
from tests.factories import complaining, customers, people
from tests.factories.visitors import Visitor
from tests.isolation.things import complaint
from tests.prepared import NOW, sign_up

_CSRF: Final = "x" * 32
_PLACES = (
    ("beauty", "en", "America/New_York"),
    ("jewelry", "zh-hant", "Asia/Taipei"),
    ("homestyle", "zh-hans", "Asia/Urumqi"),
    ("restaurant", "en", "Europe/Berlin"),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A chain with somebody signed in and a till's key."""

    chain: ChainInfo
    canary: str
    customer: str
    brought: str
    case: str
    link: str
    shop: str
    session: str
    secret: str

    @property
    def host(self) -> str:
        """Where it answers."""
        return f"{self.chain.subdomain}.localhost"


@dataclass(frozen=True)
class Answer:
    """What came back over WSGI."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def text(self) -> str:
        """Return everything that was sent, headers included; of a workbook what is in it."""
        body = self.body
        if body.startswith(b"PK"):
            with zipfile.ZipFile(BytesIO(body)) as book:
                body = b"\n".join(book.read(name) for name in book.namelist())
        return f"{self.headers} {body.decode(errors='replace')}"

    def header(self, name: str) -> str:
        """Return a header, or nothing."""
        return next((value for key, value in self.headers if key == name), "")


def make(number: int) -> list[Place]:
    """Return so many chains; their canaries cannot be part of one another."""
    names = ["aurum", "bloom", *(f"isle-{each}" for each in range(2, number))]
    for each, name in enumerate(names[2:]):
        vertical, language, zone = _PLACES[each % len(_PLACES)]
        chain = sign_up(company=f"Isle {each}", subdomain=name, vertical=vertical, now=NOW)
        with context.public():
            Chain.objects.filter(pk=chain.pk).update(language=language, time_zone=zone)
    directory._entries.clear()
    filled = [_filled(name, f"canary{index}x") for index, name in enumerate(names)]
    directory._entries.clear()  # they have other names now
    return filled


def _filled(name: str, canary: str) -> Place:
    chain = directory.find(name)
    assert chain is not None
    with context.inside(chain):
        Chain.objects.filter(pk=chain.id).update(name=f"Chain {canary}")
        Region(code="canary", name=canary).save(force_insert=True)
        Store.objects.filter(code="001").update(name=f"Shop {canary}")
        one = customers.customer(name=f"Carol {canary}", store=people.first_store())
        key = keys.create(
            actor=audit.SYSTEM, name=canary, scopes=list(SCOPES), store_id=None, now=NOW
        )
        brought = imports.receive(
            actor=people.actor(people.owner()),
            chunks=[f"name\nDora {canary}\n".encode()],
            file_name=f"{canary}.csv",
            now=NOW,
        )
        brought.rejected_file = storage.save(BytesIO(f"name\nnobody {canary}\n".encode()))
        brought.save()
        visitor = Visitor(name)
        backend = "allauth.account.auth_backends.AuthenticationBackend"
        visitor.force_login(people.owner(), backend=backend)
        case = complaint(one)
        Case.objects.filter(pk=case.pk).update(title=f"Broken {canary}")
        link, shop = numbers.token(case.pk), places.of_store(case.store_id)
    return Place(
        chain=chain,
        canary=canary,
        customer=str(one.id),
        brought=str(brought.pk),
        case=str(case.pk),
        link=link,
        shop=shop,
        session=visitor.cookies["session"].value,
        secret=key.secret,
    )


def call(
    application: Any,
    place: Place,
    path: str,
    *,
    body: Any = None,
    form: Mapping[str, object] | None = None,
    key: str = "",
    **given: str,
) -> Answer:
    """Ask as the signed-in person does, or as the till under its addresses."""
    told: dict[str, Any] = {}
    sent = b"" if body is None else json.dumps(body).encode()
    if form is not None:
        sent = encode_multipart(BOUNDARY, dict(form))
        given = {**given, "CONTENT_TYPE": MULTIPART_CONTENT, "HTTP_X_CSRFTOKEN": _CSRF}
    where, _mark, query = path.format(
        brought=place.brought, case=place.case, link=place.link, shop=place.shop
    ).partition("?")
    environ = {
        "REQUEST_METHOD": "POST" if sent else "GET",
        "PATH_INFO": where,
        "QUERY_STRING": query,
        "HTTP_HOST": place.host,
        "HTTP_COOKIE": f"session={place.session}; csrftoken={_CSRF}",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.input": BytesIO(sent),
        **given,
    }
    if path.startswith("/api/"):
        environ["HTTP_AUTHORIZATION"] = f"Bearer {place.secret}"
        environ["HTTP_IDEMPOTENCY_KEY"] = key
    setup_testing_defaults(environ)

    def start(status: str, headers: list[tuple[str, str]], _info: Any = None) -> None:
        told.update(status=int(status.split()[0]), headers=tuple(headers))

    answer = application(environ, start)
    try:
        content = b"".join(answer)
    finally:
        answer.close()
    return Answer(told["status"], told["headers"], content)


def upload(place: Place, number: int) -> dict[str, object]:
    """Return the form that brings a file in."""
    content = f"name\nEve {place.canary}\n".encode()
    return {"file": SimpleUploadedFile(f"{place.canary}-{number}.csv", content)}


def complain(place: Place) -> dict[str, object]:
    """Return the form of a customer who complains alone, with a picture."""
    with context.inside(place.chain):
        once = complaining.stamp()
    return {"once": once, "text": f"Torn {place.canary}", "pictures": complaining.picture()}


@contextmanager
def pooled(size: int) -> Iterator[None]:
    """Let threads share a pool of connections, as the server does, within the block."""
    options: dict[str, Any] = connections["default"].settings_dict["OPTIONS"]
    connections["default"].close()
    options["pool"] = {"min_size": 1, "max_size": size, "timeout": 30}
    try:
        yield
    finally:
        del options["pool"]
        wrapper: Any = connections["default"]
        wrapper.close()
        for pool in list(type(wrapper)._connection_pools.values()):
            pool.close()
        type(wrapper)._connection_pools.clear()


def till_of(chain: ChainInfo) -> Till:
    """Return a till of the chain that may do everything a key can."""
    with context.inside(chain):
        key = keys.create(
            actor=audit.SYSTEM, name="till", scopes=list(SCOPES), store_id=None, now=NOW
        )
    return Till(f"{chain.subdomain}.localhost", key.secret)
