"""What people read and take out of an installation, by its pages alone: the same for the version that made it and for
today's."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flask import Flask

from tests.patient.visitor import Fields, Visitor
from tests.walker import Browser, Staff, browser, in_sentences, words_of

BASE: Final = "http://localhost"
NOW: Final = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
"""The moment at which everything was read and is read again: sessions that were open then are open."""

PASSWORD: Final = "sturdy lantern orbit 9"
GROUPS: Final = ("names", "contact", "free-text", "endings", "sensitive", "private-talk")
EXPORTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "programs": {"readers": "programs", "include": GROUPS},
    "people": {"readers": "people", "include": GROUPS},
    "default": {"readers": "programs"},
}
"""The exports that are compared: everything for programs and for people, and what is given when nothing is asked
for."""

REQUIRED: Final[Fields] = {
    "respondent": "self",
    "consent": "true",
    "full-name": "Amelia Hart",
    "birth-date.day": "18",
    "birth-date.month": "April",
    "birth-date.year": "1992",
    "country": "GB",
    "email": "amelia@example.org",
    "visit-reasons": ["trying"],
}
"""What is typed where a form still wants it before it can be sent."""

Json = dict[str, Any]


def lines(page: Browser) -> list[str]:
    """The texts of a page's main part, one line a piece of text, however its HTML is written."""
    main = page.soup.find("main")
    assert main is not None, f"no main part at {page.path}"
    return [" ".join(text.split()) for text in in_sentences(main).stripped_strings]


# -- the patient -------------------------------------------------------------------------------------------------------


def visitor(app: Flask) -> Visitor:
    """A browser that has been nowhere yet."""
    return Visitor(browser(BASE, app))


def with_session(app: Flask, token: str) -> Visitor:
    """The browser that an open session belongs to."""
    found = visitor(app)
    found.client.cookies.set("intake-patient", token, domain="localhost.local")
    return found


def with_code(app: Flask, code: str, born: str = "1992-04-18") -> Visitor:
    """Somebody who comes back by code, and by date of birth (as far as it was given) if it is asked for."""
    found = visitor(app)
    found.get("/resume").act("continue", [("code", code)])
    if found.path == "/resume" and found.soup.find(attrs={"name": "birth-date.year"}) is not None:
        given = dict(zip(("year", "month", "day"), born.split("-"), strict=False))  # as far as it was given
        date = [(f"birth-date.{part}", value) for part, value in given.items()]
        found.act("continue", [("code", code), *date])
    assert found.path != "/resume", found.text
    return found


def read_draft(patient: Visitor, pages: Iterable[str]) -> Json:
    """Where a form goes on, what stands on each of its pages and entries, and what its check page shows."""
    landing = patient.get("/go-on").path
    read: Json = {"goes on": landing, "pages": {}}
    for page in pages:
        patient.go(page)
        if patient.status != 200:
            read["pages"][page] = patient.status
            continue
        read["pages"][page] = _page(patient)
        for entry in _entries(patient):
            for path in (f"/questionnaire/{page}/{entry}/start", f"/questionnaire/{page}/{entry}"):
                patient.get(path)
                read["pages"][path] = _page(patient)
    patient.get("/check")
    read["check"] = lines(patient) if patient.path == "/check" else patient.path
    patient.get("/resume-code")
    read["code"] = patient.words(resume_code="")
    return read


def _page(patient: Visitor) -> Json:
    hidden = {str(one.get("name")) for one in patient.form.find_all("input", type="hidden")}
    hidden.add("whole")  # no question either: what says that the form came whole
    standing = {name: values for name, values in patient.standing(patient.form).items() if name not in hidden}
    return {"asked": patient.asked, "standing": standing, "notices": patient.notices, "listed": _listed(patient)}


def _listed(patient: Visitor) -> list[str]:
    return [words_of(one) for one in patient.soup.select("[data-list] li h2")]


def _entries(patient: Visitor) -> list[str]:
    ways = patient.soup.select('[data-list] [data-action="change"]')
    led = (str(way.get("href") or way["value"]) for way in ways)
    found = [re.fullmatch(r"(?:/questionnaire/[^/]+/|change-)([^/?#]+)(/start)?(\?.*)?(#.*)?", one) for one in led]
    return list(dict.fromkeys(one[1] for one in found if one))


def send(patient: Visitor) -> str:
    """Go on with a form from where it stands, typing what is required and missing, and send it; gives its reference."""
    patient.get("/go-on")
    for _ in range(80):
        if patient.path == "/check":
            return patient.send()
        standing = patient.standing(patient.form)
        controls = {str(one.get("name")) for one in patient.form.find_all(["input", "textarea"])}
        missing = {
            name: value
            for name, value in REQUIRED.items()
            if name in controls and not any(text.strip() for text in standing.get(name, ()))
        }
        patient.fill(**missing)
        assert patient.errors == [], f"{patient.path}: {patient.errors}"
    raise AssertionError(f"no check page, at {patient.path}")


# -- the clinic --------------------------------------------------------------------------------------------------------


def staff(app: Flask, email: str, password: str = PASSWORD) -> Staff:
    """Somebody who signs in."""
    found = Staff(browser(BASE, app)).sign_in((email, password))
    assert found.path != "/account/login", found.text
    return found


def read_response(clinician: Staff, reference: str) -> Json:
    """All that a clinician gets of one sent response."""
    path = clinician.open(reference)
    page = lines(clinician)
    return {
        "page": page,
        "answers": lines(clinician.get(f"{path}/answers")),
        "summary": _json(clinician, f"{path}/summary.json"),
        "fhir": _json(clinician, f"{path}.json"),
    }


def _json(clinician: Staff, path: str) -> Json:
    """A JSON file, written as it always was: what is read from it says all."""
    text = clinician.client.get(path).text
    found: Json = json.loads(text)
    assert text == json.dumps(found, ensure_ascii=False, indent=2) + "\n", f"{path} is written otherwise"
    return found


def sent_now(app: Flask, clinician: Staff, code: str) -> Json:
    """What a draft becomes once it is sent; its reference, which is a new one, left out."""
    reference = send(with_code(app, code))
    found = read_response(clinician, reference)
    kept: Json = json.loads(json.dumps([found["summary"], found["fhir"]]).replace(reference, "REFERENCE"))
    return {"summary": kept[0], "fhir": kept[1]}


def queue(clinician: Staff) -> list[str]:
    """What the queue says."""
    return lines(clinician.get("/clinician/"))


def members(export: bytes) -> dict[str, bytes]:
    """The files of an export, in their order."""
    with zipfile.ZipFile(io.BytesIO(export)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# -- what was kept of it -----------------------------------------------------------------------------------------------


def keep(path: Path, value: object) -> None:
    """Write a JSON file that people can read and compare."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def kept(path: Path) -> Any:
    """What a JSON file holds."""
    return json.loads(path.read_text(encoding="utf-8"))
