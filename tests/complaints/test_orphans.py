"""Pictures that nothing names go, whatever ended the request; those that are named stay."""

import threading
import time
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from regulars.audit import Actor, ActorKind
from regulars.complaints import orphans, pictures, tasks
from regulars.complaints.models import Case
from regulars.complaints.services import writing
from regulars.outbox import schedule
from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.identifiers import first_id
from tests.factories import complaints
from tests.factories.complaining import picture
from tests.factories.complaints import Cast

CUSTOMER = Actor(kind=ActorKind.CUSTOMER)
DAY = timedelta(days=1)


@pytest.fixture
def cast(inside_aurum: ChainInfo, settings: Any, tmp_path: Path) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return complaints.cast()


def left() -> set[str]:
    return set(default_storage.listdir(pictures.folder())[1])


def lying(at: datetime) -> str:
    """Leave a file as a request that was killed at this moment would."""
    name = first_id(at).hex[:12] + "7" + uuid4().hex[13:]
    default_storage.save(f"{pictures.folder()}/{name}", ContentFile(b"\xff\xd8\xff"))
    return name


def shown(cast: Cast) -> tuple[Case, str]:
    case = complaints.case(cast)
    with pictures.kept([picture()]) as names:
        writing.write(
            case, "message-in", actor=CUSTOMER, now=timezone.now(), data=pictures.shown(names)
        )
    return case, names[0]


def test_what_a_killed_request_left_goes_after_a_day(cast: Cast) -> None:
    now = timezone.now()
    old, fresh = lying(now - 2 * DAY), lying(now - DAY / 2)

    removed = [orphans.sweep(now=now) for _night in range(2)]

    assert removed == [1, 0]
    assert left() == {fresh}
    assert old not in left()


def test_what_a_step_names_stays(cast: Cast) -> None:
    _case, name = shown(cast)
    later = timezone.now() + 3 * DAY

    assert orphans.sweep(now=later) == 0
    assert name in left()


def test_positive_control_without_the_step_it_would_go(cast: Cast) -> None:
    with pictures.kept([picture()]):
        pass

    assert orphans.sweep(now=timezone.now() + 3 * DAY) == 1
    assert left() == set()


def test_a_week_without_a_worker_is_made_up_for_and_older_files_are_left_alone(cast: Cast) -> None:
    now = timezone.now()
    within, before = lying(now - 8 * DAY), lying(now - 30 * DAY)
    by_chance = uuid4().hex  # named before names rose with time
    default_storage.save(f"{pictures.folder()}/{by_chance}", ContentFile(b"\xff"))

    orphans.sweep(now=now)

    assert within not in left()
    assert {before, by_chance} <= left()


def test_another_chains_pictures_are_none_of_its(cast: Cast, bloom: ChainInfo) -> None:
    name = lying(timezone.now() - 2 * DAY)
    with context.inside(bloom):
        assert orphans.sweep(now=timezone.now()) == 0

    assert name in left()


def test_every_night_looks_after_them(cast: Cast) -> None:
    now = timezone.now()
    lying(now - 2 * DAY)
    at_four = now.astimezone(context.current().zone).replace(hour=4)

    tasks.sweep_pictures(now=now)

    assert left() == set()
    names = [name for name, _key in schedule.due(zone=context.current().zone, now=at_four)]
    assert "complaints.sweep-pictures" in names


def test_the_public_takes_one_place_of_two_and_employees_find_the_other_free(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_PATIENCE", 0.05)
    content = picture().read()
    with pictures._turn(is_public=True):
        with pytest.raises(pictures.Busy), pictures._turn(is_public=True):
            pass
        drawn = pictures.redraw(content)
        with pictures.kept([BytesIO(content)]) as names:
            pass

    assert drawn.startswith(b"\xff\xd8\xff")
    assert len(names) == 1
    with pictures._turn(is_public=True):  # given back
        pass


def test_who_waits_for_a_place_gets_it_when_it_is_free(cast: Cast) -> None:
    entered = threading.Event()

    def draw() -> None:
        with pictures._turn(is_public=True):
            entered.set()

    with pictures._turn(is_public=True):
        thread = threading.Thread(target=draw)
        thread.start()
        time.sleep(0.05)
        was_waiting = not entered.is_set()
    thread.join(5)

    assert was_waiting
    assert entered.is_set()
