"""An installation of version 0.2 goes on under today's program: drafts, sent responses, exports and accounts as they
were.

Time stands still at the moment when everything was recorded, so that the sessions that were open then are open here.
On PostgreSQL the installation is the one that `intake db copy` makes of it.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import time_machine

from intake.records.copy import copy
from intake.records.database import open_database, private_folder, upgrade
from tests.databases import Database, DatabaseIn, Sqlite
from tests.old import reading
from tests.old.reading import EXPORTS, NOW, PASSWORD, kept
from tests.staffroom import House, build
from tests.walker import Staff

OLD = Path(__file__).parent / "0.2"
PEOPLE: Mapping[str, Any] = kept(OLD / "people.json")
DRAFTS, SENT = PEOPLE["drafts"], PEOPLE["sent"]

CODES = {
    "very early loss": "very-early-loss",
    "ectopic pregnancy": "ectopic",
    "molar pregnancy": "molar",
    "pregnancy of unknown location": "unknown-location",
}
"""Kinds of losses by the words that version 0.2 named them with, and their codes. Both are taken as the code here, in
summaries and in columns; what else differs is a fault."""

REWORDED: dict[str, str] = {
    "3 losses, 0 listed": "3 losses, none listed yet",
    "2 pregnancies, 0 listed": "2 pregnancies, none listed yet",
    "You told us about 3 losses and have listed 0. We know some are hard to write about. You can leave it.": (
        "You told us about 3 losses and have not listed any yet. We know some are hard to write about. "
        "You can leave it."
    ),
    "You told us about 2 pregnancies and have listed 0. You can add more, change the number, or leave it.": (
        "You told us about 2 pregnancies and have not listed any yet. You can add more, change the number, or leave it."
    ),
}
"""Lines of patients' pages that read otherwise today on purpose: the old line, the new one. Blank is not zero."""
NEW: frozenset[str] = frozenset({"What your clinician will read", "You can print this page for yourself."})
"""Lines of patients' pages that were not there."""

LEFT_THE_PAGE = re.compile(
    r"Pregnancy counts|Summary as JSON|weeks setting 20; from what the patient listed"  # other headings, the same words
    r"|Word for word, in the order of the form\. Sent .*|Full answers, .*"  # the name and the reference stand apart
    r"|What the patient reported\. Not checked, not a diagnosis\. Form .*"  # now with the name and the reference
    r"|A dot is a day\. .*|Pregnancies and embryo transfers, oldest first\. .*|Pregnancies and embryo transfers by date"
    r"|\d+"  # an event's number; what was counted is compared in the counts, to the last byte
    r"|\d+ \w+ 20\d\d, \d\d:\d\d"  # the day of sending stands alone
    r"|(19|20)\d\d|No\.|Date not given:|none"  # no date is missing; the drawing stands in the list
)
"""Lines of the clinician's two pages that are not there any more in the new order, each as a whole."""


@pytest.fixture(autouse=True)
def then() -> Iterator[None]:
    """The time at which everything was read."""
    with time_machine.travel(NOW, tick=False):
        yield


def install(database: Database, folder: Path) -> House:
    """The old installation under today's program."""
    private_folder(database.instance)
    shutil.copyfile(OLD / "instance" / "keyring.json", database.instance / "keyring.json")
    (database.instance / "keyring.json").chmod(0o600)
    if isinstance(database, Sqlite):
        shutil.copyfile(OLD / "instance" / "intake.sqlite3", database.file)
        return build(database)
    shutil.copyfile(OLD / "instance" / "intake.sqlite3", folder / "old.sqlite3")
    source, target = open_database(f"sqlite:///{folder}/old.sqlite3"), open_database(database.url)
    upgrade(source)
    copy(source, target)
    source.dispose()
    target.dispose()
    return build(database)


def _installed(database_in: DatabaseIn, folder: Path) -> Iterator[House]:
    with time_machine.travel(NOW, tick=False), database_in(folder, empty=True) as database:
        yield install(database, folder)


@pytest.fixture(scope="module")
def house(database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The old installation, to be read."""
    yield from _installed(database_in, tmp_path_factory.mktemp("read"))


@pytest.fixture(scope="module")
def used(database_in: DatabaseIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The old installation, to be changed: each test has a form or an account of its own there."""
    yield from _installed(database_in, tmp_path_factory.mktemp("used"))


def clinician(house: House) -> Staff:
    return reading.staff(house.app, PEOPLE["staff"]["clinician"])


def in_codes(value: Any) -> Any:
    """The same with its keys in codes."""
    match value:
        case dict():
            return {CODES.get(key, key): in_codes(held) for key, held in value.items()}
        case list():
            return [in_codes(held) for held in value]
        case _:
            return value


def as_today(lines: list[str]) -> list[str]:
    """Recorded lines of a page in today's words."""
    return [REWORDED.get(line, line) for line in lines]


def missing(recorded: list[str], found: list[str]) -> list[str]:
    """Recorded lines that stand nowhere on the page of today, neither as a line nor as whole words within one."""
    text = "\n".join(found)
    return [
        line
        for line in recorded
        if not LEFT_THE_PAGE.fullmatch(line) and not re.search(rf"(?<!\w){re.escape(line)}(?!\w)", text)
    ]


def in_order(recorded: list[str], found: list[str]) -> bool:
    """Whether the recorded lines that did not leave the page follow one another on it as they did."""
    rest = iter(found)
    return all(line in rest for line in recorded if not LEFT_THE_PAGE.fullmatch(line))


def same_json(found: Any, recorded: Any) -> bool:
    """To the last byte, and so in the same order."""
    return json.dumps(in_codes(found), indent=1) == json.dumps(in_codes(recorded), indent=1)


# -- drafts ------------------------------------------------------------------------------------------------------------


def same_draft(found: dict[str, Any], recorded: dict[str, Any]) -> None:
    assert found["pages"] == recorded["pages"]
    check, before = found["check"], recorded["check"]
    if isinstance(before, list):  # what was left blank stands behind what was answered since 0.8
        check, before = sorted(line for line in check if line not in NEW), sorted(as_today(before))
    assert check == before
    assert found | {"check": before} == recorded | {"check": before}


@pytest.mark.parametrize("name", DRAFTS)
def test_a_session_that_was_open_shows_the_same_on_every_page(house: House, name: str) -> None:
    recorded = kept(OLD / "drafts" / f"{name}.json")
    pages = [page for page in recorded["pages"] if "/" not in page]
    same_draft(reading.read_draft(reading.with_session(house.app, DRAFTS[name]["session"]), pages), recorded)


@pytest.mark.parametrize("name", DRAFTS)
def test_a_code_opens_the_same_form(house: House, name: str) -> None:
    recorded = kept(OLD / "drafts" / f"{name}.json")
    pages = [page for page in recorded["pages"] if "/" not in page]
    same_draft(reading.read_draft(reading.with_code(house.app, DRAFTS[name]["code"]), pages), recorded)


@pytest.mark.parametrize("name", DRAFTS)
def test_a_form_is_filled_in_to_its_end_and_sent_with_what_stood_in_it(used: House, name: str) -> None:
    found = reading.sent_now(used.app, clinician(used), DRAFTS[name]["code"])
    recorded = kept(OLD / "drafts-sent" / f"{name}.json")  # its summary by the rules of today, written anew with 1.2.0
    assert same_json(found["summary"], recorded["summary"]), found["summary"]
    assert same_json(found["fhir"], recorded["fhir"]), found["fhir"]


# -- sent responses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SENT)
def test_a_sent_response_reads_the_same(house: House, name: str) -> None:
    found = reading.read_response(clinician(house), SENT[name]["reference"])
    recorded = kept(OLD / "sent" / f"{name}.json")
    for page in ("page", "answers"):
        assert missing(recorded[page], found[page]) == []
    assert in_order(recorded["answers"], found["answers"])
    assert same_json(found["summary"], recorded["summary"]), found["summary"]
    assert same_json(found["fhir"], recorded["fhir"]), found["fhir"]


def test_the_queue_says_the_same(house: House) -> None:
    with_nothing_new = reading.queue(clinician(house))
    assert with_nothing_new == as_today(kept(OLD / "queue.json"))


def _said(item: dict[str, Any], link_id: str) -> Iterator[dict[str, Any]]:
    """The answers to a question in FHIR JSON."""
    for one in item.get("item", ()):
        if one["linkId"] == link_id:
            yield from one.get("answer", ())
        yield from _said(one, link_id)


@pytest.mark.parametrize("name", SENT)
def test_the_code_of_a_sent_form_leads_to_its_reference(house: House, name: str) -> None:
    born = next(_said(kept(OLD / "sent" / f"{name}.json")["fhir"], "birth-date"), {"valueDate": ""})["valueDate"]
    patient = reading.with_code(house.app, SENT[name]["code"], born)
    assert (patient.path, patient.words(reference="")) == ("/sent", SENT[name]["reference"])


def test_a_response_can_be_reviewed(used: House) -> None:
    staff = clinician(used)
    path = staff.open(SENT["scenario_3"]["reference"])
    token = staff.soup.select_one('main [name="csrf_token"]')
    staff.post(f"{path}/review", [("csrf_token", str(token["value"])), ("note", "read in 0.3")])  # type: ignore[index]
    assert "read in 0.3" in staff.text


# -- the export --------------------------------------------------------------------------------------------------------


GONE = {
    "responses.csv": {"fertility-treatments___donor", "tests-told", "supplements-asked"},
    "medicines.csv": {"med-kind"},
}
"""Columns of 1.1.0 that 1.2.0 does not ask for: the manifest names them where somebody answered."""


def table(data: bytes) -> list[dict[str, str]]:
    """The lines of a CSV file, derived counts named by code."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return [{_column(name): cell for name, cell in row.items()} for row in rows]


def _column(name: str) -> str:
    path, _, last = name.rpartition(".")
    return f"{path}.{CODES.get(last, last)}" if path else name


def manifest(data: bytes) -> dict[str, Any]:
    """What a manifest says, without what every export has anew: its id, the program's version, and what its files add
    up to, which `same files` holds. It says since 0.3 of which form it is: then all there was was one;
    and since 0.8 what was withdrawn: then nothing could be."""
    found: dict[str, Any] = json.loads(data)
    found["versions"].pop("intake")
    since = {"form": "nk-intake", "not_in_columns": [], "withdrawn": []}
    return (
        since
        | {name: value for name, value in found.items() if name not in ("export", "files")}
        | {"rows": {name: file["rows"] for name, file in found["files"].items()}}
    )


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_holds_every_cell_that_it_held(house: House, name: str) -> None:
    admin = reading.staff(house.app, PEOPLE["staff"]["admin"])
    found = reading.members(admin.export(**EXPORTS[name]))
    recorded = reading.members((OLD / f"export-{name}.zip").read_bytes())
    assert list(found) == list(recorded)
    for file in set(found) - {"manifest.json", "codebook.csv"}:
        before, today = table(recorded[file]), table(found[file])
        kept_columns = [name for name in before[0] if name not in GONE.get(file, ())]
        assert [{name: row[name] for name in kept_columns} for row in today] == [
            {name: row[name] for name in kept_columns} for row in before
        ], file
    gone = {f"{file}: {name}" for file, names in GONE.items() for name in names if name in table(recorded[file])[0]}
    today = manifest(found["manifest.json"])
    assert set(today.pop("not_in_columns")) == gone
    before = manifest(recorded["manifest.json"])
    for one in (today, before):
        del one["versions"]["columns"], one["rows"]["codebook.csv"]
    assert today == {name: value for name, value in before.items() if name != "not_in_columns"}


# -- accounts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "path"), [("clinician", "/clinician/"), ("admin", "/admin/export"), ("both", "/account/")]
)
def test_staff_sign_in_with_the_passwords_they_had(house: House, name: str, path: str) -> None:
    staff = reading.staff(house.app, PEOPLE["staff"][name])
    assert (staff.get(path).path, staff.response.status_code) == (path, 200)


def test_an_account_that_was_closed_stays_closed(house: House) -> None:
    staff = Staff(reading.browser(reading.BASE, house.app)).sign_in((PEOPLE["staff"]["gone"], PASSWORD))
    assert staff.path == "/account/login"


def test_whoever_was_invited_can_still_choose_a_password(used: House) -> None:
    invited = Staff(reading.browser(reading.BASE, used.app))
    invited.get(f"/account/link/{PEOPLE['invitation']}")
    form = invited.soup.select_one("main form")
    chosen = "another lantern orbit 7"
    # type: ignore[union-attr]
    invited.press(form.find("button"), [("new-password", chosen), ("new-password-again", chosen)])
    assert reading.staff(used.app, "invited@example.org", chosen).get("/clinician/").response.status_code == 200
