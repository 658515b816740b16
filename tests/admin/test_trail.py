"""An export leaves two events: that it began, with filter and cut-off; and how it ended, with count and hash, or what
broke it off."""

from __future__ import annotations

import hashlib
import os
import re
import resource
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from intake.accounts import staff
from intake.accounts.staff import Role
from intake.admin.request import ExportRequest
from intake.admin.stream import Format, NoLongerAllowed, export
from intake.consultations import catalogue
from intake.questionnaire.invariants import EXPORT_GROUPS
from intake.questionnaire.values import Answer
from intake.records.audit import Agent
from intake.records.database import transaction
from intake.records.errors import SpoolUnusable
from intake.records.spool import SealedSpool
from tests.admin.test_cut_off import fill
from tests.databases import Database
from tests.exports.reading import members
from tests.factories import scenarios
from tests.slow.search import found_in
from tests.staffroom import House

ADA = Agent("a1", "Ada", "admin")


def trail(house: House) -> list[tuple[str, str, str]]:
    """Action, outcome, detail of the exports' events; each pair is of one export."""
    found = house.rows(
        "SELECT action, outcome, detail, entity_id, entity_type FROM audit_event WHERE action LIKE 'export%' ORDER BY n"
    )
    assert len({one[3] for one in found}) == len([one for one in found if one[0] == "export-begun"])
    assert {one[4] for one in found} <= {"export"}
    return [one[:3] for one in found]


@pytest.mark.parametrize("format", list(Format))
def test_an_export_that_ends_leaves_filter_cut_off_count_and_hash(house: House, format: Format):
    fill(house, 3)
    answer = house.signed_in(Role.ADMIN, name="Ada").get(
        f"/admin/export.{format}?for=programs&since=2025-12-31&not-asked=1"
    )
    sha256 = hashlib.sha256(answer.data).hexdigest()
    begun, ended = trail(house)
    assert begun[:2] == ("export-begun", "done")
    wanted = (
        rf"{format}; cut-off 2\d{{3}}-\S+Z; form nk-intake; for programs; sent 2025-12-31\.\.; included: none; with "
        rf"not-asked; "
        rf"reason: none"
    )
    assert re.fullmatch(wanted, begun[2])
    assert ended == ("export-ended", "done", f"3 responses of 3; SHA-256 {sha256}; unreadable: none")


def test_the_begin_is_kept_before_the_first_byte(house: House):
    stream = export(house.intake, ExportRequest(), Format.CSV, ADA)
    assert trail(house) == []
    next(stream)
    assert [action for action, *_ in trail(house)] == ["export-begun"]
    stream.close()


@pytest.mark.parametrize("format", list(Format))
def test_a_client_that_goes_away_is_an_end_too(house: House, format: Format):
    fill(house, 3)
    answer = house.signed_in(Role.ADMIN).client.get(f"/admin/export.{format}", buffered=False)
    next(iter(answer.response))
    answer.close()
    assert trail(house)[1][1:] == (
        "broken-off",
        "0 responses of 3; whoever asked for it left before its end; unreadable: none",
    )


def test_an_export_that_meets_an_error_nobody_thought_of_is_in_the_trail(house: House, database: Database):
    fill(house, 3)
    stream = export(house.intake, ExportRequest(), Format.CSV, ADA)
    next(stream)
    database.sql("DROP TABLE response_summary")
    with pytest.raises(DBAPIError):
        next(stream)
    assert trail(house)[1][1:] == (
        "broken-off",
        "0 responses of 3; broken off by an error of the program; unreadable: none",
    )


def test_the_longest_words_fit_into_the_trail(house: House):
    fill(house, 1)
    browser = house.signed_in(Role.ADMIN)
    browser.get("/admin/export")
    fields = [
        ("for", "programs"),
        ("since", "2026-01-01"),
        ("until", "2026-12-31"),
        ("not-asked", "1"),
        ("reason", "x" * 300),
    ]
    answer = browser.post("/admin/export.csv", fields + [("include", group) for group in EXPORT_GROUPS])
    assert answer.data
    begun, ended = trail(house)
    assert begun[2].endswith("x" * 300)
    assert ended[1] == "done"


# -- the spool ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that takes nothing more: files grow up to a limit, set with `limit`, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, heard)


def limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def test_a_full_disk_ends_a_spool_with_a_sentence(tmp_path: Path, full: None):
    spool = SealedSpool(tmp_path)
    spool.write(b"a" * 100_000)
    limit(150_000)
    with pytest.raises(SpoolUnusable, match="Make room there"):
        spool.write(b"b" * 100_000)
    spool.close()


def test_a_folder_that_takes_no_file_ends_it_before_it_begins(tmp_path: Path):
    with pytest.raises(SpoolUnusable):
        SealedSpool(tmp_path / "nowhere")


def test_an_export_that_finds_no_room_is_in_the_trail(house: House):
    fill(house, 3)
    intake = house.intake
    gone = replace(intake, settings=replace(intake.settings, instance=house.folder / "nowhere"))
    with pytest.raises(SpoolUnusable):
        b"".join(export(gone, ExportRequest(), Format.ZIP, ADA))
    _, ended = trail(house)
    assert ended[1] == "broken-off"
    assert ended[2].startswith("0 responses of 3; broken off: The export ends here: there is no room to write in ")


def test_what_waits_stands_readable_nowhere_and_has_no_name(tmp_path: Path):
    word = b"quoxmarbledoor"
    spool = SealedSpool(tmp_path)
    for _ in range(20_000):
        spool.write(word)
    assert list(tmp_path.iterdir()) == []
    held = [path for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    (file,) = [path for path in held if os.readlink(path).startswith(str(tmp_path))]
    with file.open("rb") as other:
        content = other.read()
    assert len(content) > 200_000
    assert word not in content
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"".join(spool.pieces()) == word * 20_000


def test_a_word_of_an_answer_is_found_nowhere_while_an_export_runs(house: House):
    word = "quoxmarbledoor"
    response = scenarios()[0].response(catalogue.shipped().active)
    for _ in range(40):
        house.send(response.with_answers({"own-words": Answer((word * 300,))}))
    stream = export(house.intake, ExportRequest(groups=frozenset({"free-text"})), Format.ZIP, ADA)
    pieces = []
    for number, piece in enumerate(stream):
        pieces.append(piece)
        if number % 3 == 0:
            assert found_in(house.intake.settings.instance, word) == set()
    assert word.encode() in members(b"".join(pieces))["responses.csv"]
    assert found_in(house.intake.settings.instance, word) == set()


def test_an_account_that_is_disabled_meanwhile_gets_no_more_of_its_export(house: House):
    fill(house, 250)
    house.add_staff("second@example.org", Role.ADMIN)
    answer = house.signed_in(Role.ADMIN, name="Ada").get("/admin/export.csv", buffered=False)
    pieces = iter(answer.response)
    first = next(pieces)
    with transaction(house.intake.engine) as sql:
        staff.set_active(sql, "admin@example.org", False, now=datetime.now(UTC))
    with pytest.raises(NoLongerAllowed):
        list(pieces)
    assert first
    begun, ended = trail(house)
    assert begun[:2] == ("export-begun", "done")
    assert ended[1] == "broken-off"
    assert "the account may not export any more" in ended[2]


def test_asking_for_the_head_alone_begins_no_export(house: House):
    answer = house.signed_in(Role.ADMIN, name="Ada").client.head("/admin/export.zip")
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "application/zip", b"")
    assert trail(house) == []
