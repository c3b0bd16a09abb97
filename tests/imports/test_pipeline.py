"""From a file to a group of rows and back, whatever dies on the way."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from regulars import audit
from regulars.audit.models import Entry
from regulars.imports import faults, finishing, pipeline, selectors, services, tasks
from regulars.imports.columns import mapping
from regulars.imports.models import Import, StagedCustomer
from regulars.imports.reading.report import Choices
from regulars.imports.services import receiving, removing, working
from regulars.outbox.models import Job
from regulars.staff.models import Role
from tests.factories import people
from tests.imports import fakes, files
from tests.imports.steps import (
    check,
    checked,
    driven,
    fake,
    folder,
    received,
    rejected_rows,
    started,
)

__all__ = ["fake", "folder"]
pytestmark = pytest.mark.usefixtures("folder", "fake")
State = Import.State


def test_a_small_file_is_looked_at_at_once_and_its_columns_are_guessed(now: datetime) -> None:
    row = received(now)

    assert row.state == State.UPLOADED
    assert [each.attribute for each in selectors.mapping_of(row).columns] == [
        "name",
        "phone",
        "birthday",
    ]
    assert selectors.report_of(row).encoding.startswith("gb")
    assert not selectors.troubles_of(row)
    assert row.name == "会员"


def test_no_name_a_person_gave_reaches_the_disk(now: datetime, folder: Path) -> None:
    row = received(now, file_name="..\\../../etc/pass\x00wd.csv")

    assert row.file_name == "pass wd.csv"
    assert "passwd" not in "".join(str(each) for each in folder.rglob("*"))
    assert row.file.split("/")[1] == "imports"


def test_a_file_that_cannot_be_read_is_refused_and_not_kept(now: datetime, folder: Path) -> None:
    with pytest.raises(faults.FileFault, match="picture"):
        services.receive(
            actor=audit.SYSTEM,
            chunks=[b"\x89PNG\r\n\x1a\n" + b"0" * 99],
            file_name="a.csv",
            now=now,
        )

    assert not Import.objects.exists()
    assert not [each for each in folder.rglob("*") if each.is_file()]


def test_a_file_is_refused_while_it_grows_too_large(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "LIMIT", 1000)
    chunks = iter([b"x" * 600] * 1000)

    with pytest.raises(faults.FileFault, match="MB"):
        services.receive(actor=audit.SYSTEM, chunks=chunks, file_name="a.csv", now=now)

    assert len(list(chunks)) == 998, "it stopped at the chunk that was too much"


def test_a_large_file_is_looked_at_in_the_background(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_is_small", lambda kept: False)
    row = received(now)
    assert not selectors.is_looked_at(row)
    assert selectors.is_busy(row)

    row = driven(row, now)

    assert selectors.is_looked_at(row)
    assert row.mapping


def test_a_large_file_that_cannot_be_read_says_so_and_goes(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "_is_small", lambda kept: False)
    row = driven(received(now, text="\x00\x01\x02"), now)

    assert row.state == State.FAILED
    assert row.file == ""
    assert selectors.fault_of(row)
    assert Job.objects.filter(handler=removing.HANDLER).exists()


def test_reading_it_in_another_way_keeps_what_was_assigned(now: datetime) -> None:
    row = received(now)
    before = selectors.mapping_of(row)
    own = mapping.Mapping(
        subject=before.subject,
        columns=(*before.columns[:2], mapping.Assignment("生日", "")),
        options=before.options,
    )
    services.assign(actor=audit.SYSTEM, import_id=row.pk, mapping=own, now=now)

    row = services.look_again(
        actor=audit.SYSTEM, import_id=row.pk, choices=Choices(encoding="gbk"), now=now
    )
    assert selectors.mapping_of(row) == own

    row = services.look_again(
        actor=audit.SYSTEM, import_id=row.pk, choices=Choices(header_row=2), now=now
    )
    assert selectors.mapping_of(row).columns[0].heading == "张伟"


def test_choices_a_large_file_cannot_be_read_with_are_said_and_left(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = received(now)
    monkeypatch.setattr(receiving, "_is_small", lambda kept: False)
    services.look_again(
        actor=audit.SYSTEM, import_id=row.pk, choices=Choices(encoding="utf-8"), now=now
    )

    row = driven(row, now)

    assert row.state == State.UPLOADED
    assert "not UTF-8" in selectors.fault_of(row)
    assert selectors.report_of(row).encoding == "gb18030"


def test_choices_the_file_cannot_be_read_with_change_nothing(now: datetime) -> None:
    row = received(now)

    with pytest.raises(faults.FileFault):
        services.look_again(
            actor=audit.SYSTEM, import_id=row.pk, choices=Choices(encoding="utf-8"), now=now
        )

    row.refresh_from_db()
    assert selectors.is_looked_at(row)


def test_checking_says_what_would_happen_and_writes_nothing(
    now: datetime, fake: type[fakes.FakeLoader]
) -> None:
    row = checked(now)

    assert row.state == State.CHECKED
    preview = selectors.preview_of(row)
    assert (preview.new, preview.rejected) == (2, 3)
    assert fake.written == []


def test_the_file_of_rejected_rows_has_every_reason_and_the_cells_as_they_came(
    now: datetime,
) -> None:
    rows = rejected_rows(checked(now))

    assert rows[0][3:] == ["姓名", "手机号", "生日"]
    assert [each[0] for each in rows[1:]] == ["3", "4", "5"]
    assert rows[1][1] == "手机号"
    assert rows[1][2] == "手机号太短了。", "in the language of the chain"
    assert rows[1][3:] == ["李娜", "1390013", "1992-12-31"]
    assert rows[2][3] == "'=1+1"


def test_the_reasons_are_in_the_language_of_whoever_asked(now: datetime) -> None:
    person = people.staff(role=Role.HEAD_OFFICE, language="en")

    rows = rejected_rows(checked(now, actor=people.actor(person)))

    assert rows[1][2] == "This phone number is too short."


def test_the_file_of_rejected_rows_can_be_brought_in_again(now: datetime) -> None:
    row = checked(now)
    with default_storage.open(row.rejected_file, "rb") as file:
        again = services.receive(
            actor=audit.SYSTEM, chunks=[file.read()], file_name="rejected.csv", now=now
        )

    assigned = [each.attribute for each in selectors.mapping_of(again).columns]
    assert assigned == ["", "", "", "name", "phone", "birthday"]


def test_bringing_in_writes_and_says_how_much(now: datetime, fake: type[fakes.FakeLoader]) -> None:
    row = checked(now)
    started(row, now)
    row = driven(row, now)

    assert row.state == State.DONE
    assert fake.written == ["张伟", "王芳"]
    assert row.counts == {"new": 2, "rejected": 3}
    assert not StagedCustomer.objects.exists()
    assert Job.objects.filter(handler="insights.fold").exists()
    assert Entry.objects.filter(action="import.finished", object_id=row.pk).count() == 1


def test_a_second_click_starts_nothing_more(now: datetime) -> None:
    row = checked(now)
    before = Job.objects.count()
    started(row, now)
    started(row, now)

    assert Job.objects.count() == before + 1


def test_what_was_not_checked_is_not_brought_in(now: datetime) -> None:
    with pytest.raises(services.NotNow):
        started(received(now), now)


def test_columns_that_are_wrong_are_not_checked(now: datetime) -> None:
    row = received(now, text=files.delimited((("颜色",), ("红",))))

    with pytest.raises(faults.MappingFault, match="identifies"):
        check(row, now)


def test_the_same_file_again_needs_to_be_meant(now: datetime) -> None:
    first = checked(now)
    started(first, now)
    driven(first, now)
    second = received(now)

    with pytest.raises(services.AlreadyBroughtIn) as told:
        check(second, now)
    assert told.value.import_id == first.pk

    check(second, now, is_again=True)
    assert selectors.preview_of(driven(second, now)).new == 0


@pytest.mark.parametrize("step", ["stage", "match"])
def test_a_check_that_died_is_done_again_from_its_beginning(
    now: datetime, fake: type[fakes.FakeLoader], step: str
) -> None:
    row = received(now)
    check(row, now)
    fake.dies_in = step
    with pytest.raises(fakes.Killed):
        driven(row, now)

    row = driven(row, now)

    assert row.state == State.CHECKED
    assert (selectors.preview_of(row).new, selectors.preview_of(row).rejected) == (2, 3)


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_loading_that_died_goes_on_also_after_the_staged_rows_are_lost(
    now: datetime, fake: type[fakes.FakeLoader], is_lost: bool
) -> None:
    row = checked(now)
    started(row, now)
    fake.dies_in = "load"
    with pytest.raises(fakes.Killed):
        driven(row, now)
    StagedCustomer.objects.filter(line__gt=0 if is_lost else 10**6).delete()

    row = driven(row, now)

    assert row.state == State.DONE
    assert fake.written == ["张伟", "王芳"]


def test_undoing_takes_everything_back_though_it_died_between(
    now: datetime, fake: type[fakes.FakeLoader]
) -> None:
    row = checked(now)
    started(row, now)
    driven(row, now)
    services.undo(actor=audit.SYSTEM, import_id=row.pk, now=now, is_here=True)
    fake.dies_in = "undo"
    with pytest.raises(fakes.Killed):
        driven(row, now)

    row = driven(row, now)

    assert row.state == State.UNDONE
    assert fake.written == []
    assert "undone" in row.counts


def test_after_thirty_days_an_import_is_not_undone(now: datetime) -> None:
    row = checked(now)
    started(row, now)
    driven(row, now)
    late = finishing.clock() + timedelta(days=31)

    with pytest.raises(services.UndoOver):
        services.undo(actor=audit.SYSTEM, import_id=row.pk, now=late)


def test_a_check_that_is_called_off_stops_at_its_next_word(
    now: datetime, fake: type[fakes.FakeLoader]
) -> None:
    row = received(now)
    check(row, now)

    def cancel(phase: str, done: int, total: int | None) -> None:
        if phase == "reading" and done:
            services.cancel(actor=audit.SYSTEM, import_id=row.pk, now=now)

    pipeline.drive(import_id=row.pk, now=now, watch=cancel)

    row.refresh_from_db()
    assert row.state == State.UPLOADED
    assert "match" not in fake.calls
    assert not StagedCustomer.objects.exists()


@pytest.mark.parametrize(("keeps", "left"), [(False, []), (True, ["张伟", "王芳"])])
def test_a_loading_that_is_called_off_is_taken_back_or_kept_so_far(
    now: datetime, fake: type[fakes.FakeLoader], keeps: bool, left: list[str]
) -> None:
    row = checked(now)
    started(row, now)

    def cancel(phase: str, done: int, total: int | None) -> None:
        if phase == "writing" and done == 1:
            services.cancel(
                actor=audit.SYSTEM, import_id=row.pk, now=now, keeps=keeps, is_here=True
            )

    pipeline.drive(import_id=row.pk, now=now, watch=cancel)

    row.refresh_from_db()
    assert row.state == (State.DONE if keeps else State.UNDONE)
    assert fake.written == left
    assert not StagedCustomer.objects.exists()


def test_a_fault_of_ours_is_tried_again_and_then_shown(
    now: datetime, fake: type[fakes.FakeLoader]
) -> None:
    row = checked(now)
    services.start(actor=audit.SYSTEM, import_id=row.pk, now=now)
    job = Job.objects.filter(handler=working.HANDLER).latest("id")
    for attempt in (1, 2, 3):
        Job.objects.filter(pk=job.pk).update(attempts=attempt)
        fake.dies_in = "load"
        with pytest.raises(fakes.Killed):
            tasks.run(**job.payload, now=now)
    Job.objects.filter(pk=job.pk).update(attempts=4)
    fake.dies_in = "load"
    tasks.run(**job.payload, now=now)

    row.refresh_from_db()
    assert row.state == State.FAILED
    assert "our side" in selectors.fault_of(row)

    services.retry(actor=audit.SYSTEM, import_id=row.pk, now=now, is_here=True)
    assert driven(row, now).state == State.DONE


def test_a_fault_of_the_file_found_late_ends_with_its_sentence(now: datetime, folder: Path) -> None:
    row = received(now)
    check(row, now)
    (folder / row.file).write_bytes(b"changed")

    row = driven(row, now)

    assert row.state == State.FAILED
    assert "upload it again" in selectors.fault_of(row)
    assert not StagedCustomer.objects.exists()
