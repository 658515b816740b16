"""Every cell, list and heading of the one page against the stored summary that it draws.

The model is walked by its types, so a field that is new and has no place in `PLACES` is named by a test.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, template_rendered

from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.model import Summary
from intake.summary.statement import Part, joined, text_of
from tests.factories import random_response, scenarios
from tests.staffroom import House

QUESTIONNAIRE = catalogue.shipped().active
PAGES = [page.link_id for page in QUESTIONNAIRE.pages]


# -- the model, walked -------------------------------------------------------------------------------------------------


def fields_of(kind: Any, path: str = "") -> Iterator[str]:
    """The path of every leaf of a type: `tests[].lab`; a sentence and a list of words are leaves."""
    inner = [one for one in get_args(kind) if one not in (Ellipsis, type(None))]
    if isinstance(kind, types.UnionType):
        yield from fields_of(inner[0], path)
    elif get_origin(kind) is tuple and dataclasses.is_dataclass(inner[0]) and inner[0] is not Part:
        yield from fields_of(inner[0], f"{path}[]")
    elif dataclasses.is_dataclass(kind) and kind is not Part:
        for name, hint in get_type_hints(kind).items():
            yield from fields_of(hint, f"{path}.{name}".lstrip("."))
    else:
        yield path


def values_of(value: Any, path: str = "", owner: Any = None) -> Iterator[tuple[str, Any, Any]]:
    """Every leaf of a summary: its path, its value, and the object it stands in."""
    is_sentence = isinstance(value, tuple) and (not value or isinstance(value[0], Part))
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from values_of(getattr(value, field.name), f"{path}.{field.name}".lstrip("."), value)
    elif isinstance(value, tuple) and path in LISTS:
        for one in value:
            yield from values_of(one, f"{path}[]", value)
    elif value is not None or not any(field.startswith(f"{path}.") for field in FIELDS):
        assert is_sentence or isinstance(value, str | int | Enum | Mapping | tuple | None), path
        yield path, value, owner


FIELDS = tuple(fields_of(Summary))
LISTS = {path[:at] for path in FIELDS for at in range(len(path)) if path[at : at + 2] == "[]"}


# -- the page, read ----------------------------------------------------------------------------------------------------


def words(tag: Tag) -> str:
    """What a cell says, without what is written for screen readers alone."""
    return " ".join("".join(text for text in tag.strings if not text.find_parent(class_="vh")).split())


@dataclass(frozen=True)
class Page:
    """The one page, asked by its headings and labels."""

    soup: BeautifulSoup

    def section(self, heading: str) -> Tag:
        """What stands under a heading; nothing if it is not there."""
        found = self.soup.find("h2", string=heading)
        return found.find_parent("section") if found else Tag(name="section")

    def fold(self, summary: str) -> Tag:
        """What stands in a fold."""
        found = self.soup.find("summary", string=summary)
        return found.parent if found else Tag(name="details")

    def terms(self, place: Tag) -> list[Tag]:
        """The labels of the lists in a place."""
        return place.find_all("dt")

    def beside(self, place: Tag, label: str) -> list[str]:
        """What stands beside a label."""
        return [words(term.find_next_sibling("dd")) for term in self.terms(place) if words(term) == label]

    def column(self, caption: str, heading: str) -> list[str]:
        """The cells under a heading of the timeline's table whose caption says this; of two the one that says all."""
        for table in reversed(self.soup.select("table.events")):
            head = [cell.get_text() for cell in table.thead.find_all("th")]
            if caption in table.caption.get_text() and heading in head:
                rows = [row.select("th, td:not(.strip)") for row in table.tbody.find_all("tr")]
                assert {len(row) for row in rows} == {len(head)}
                return [words(row[head.index(heading)]) for row in rows]
        return []

    def figures(self, zero: bool) -> list[tuple[str, str]]:
        """The figures that a line of the box is made up of, with the name of their part; the zeros stand apart."""
        box = self.section(COUNTS)
        if zero:
            return [
                (name, one)
                for line in box.select(".zeros li")
                for name, _, said in [words(line).partition(": ")]
                for one in said.split("; ")
            ]
        return [(words(line.dt), one) for line in box.select("dl > .in") for one in words(line.dd).split("; ")]

    @property
    def sections(self) -> list[Tag]:
        """The form's own sections, between the timeline and what was not answered."""
        return [one for one in self.soup.find_all("section") if re.fullmatch(r"s-\d+", one.get("aria-labelledby", ""))]

    @property
    def tables(self) -> list[tuple[list[str], list[list[str]]]]:
        """The headings and rows of their tables."""
        found = []
        for table in (table for section in self.sections for table in section.find_all("table")):
            head = [words(cell) for cell in table.thead.find_all("th")]
            rows = [row.find_all(["th", "td"]) for row in table.tbody.find_all("tr")]
            for row in rows:
                assert [cell.get("data-label", name) for cell, name in zip(row, head, strict=True)] == head
            found.append((head, [[words(cell) for cell in row] for row in rows]))
        return found

    @property
    def facts(self) -> Tag:
        """The list beside the patient's name."""
        found = self.soup.select_one(".facts")
        assert found is not None
        return found

    @property
    def highlights(self) -> list[Tag]:
        """The lines of the highlights."""
        return self.section("Reported highlights").select("li")


WANTS, HIGHLIGHTS, COUNTS, ALSO = "What the patient wants", "Reported highlights", "Counts", "Also answered"
TIMELINE, NONE = "Timeline", "Not answered"
DATED, UNDATED = "oldest first", "without a date"


# -- where each field stands -------------------------------------------------------------------------------------------

Reader = Callable[[Page], list[str]]
Writer = Callable[[Any, Any], str]
"""What is written of a value, given the object it stands in."""


def plain(value: Any, _owner: Any) -> str:
    return value if isinstance(value, str) else text_of(value)


def without_label(_value: Any, line: Any) -> str:
    return text_of(line.value)


def row(cells: Iterable[str]) -> str:
    return " | ".join(cells)


def rows(table: Iterable[Iterable[str]]) -> str:
    return " / ".join(row(cells) for cells in table)


def facts(_value: Any, event: Any) -> str:
    return text_of(event.facts)


def in_brackets(note: Any, _owner: Any) -> str:
    return f"({note})"


def also(tag: str) -> Reader:
    return lambda page: [words(one) for one in page.fold(ALSO).find_all(tag)]


def terms(section: str) -> Reader:
    return lambda page: [words(term) for term in page.terms(page.section(section))]


def definitions(section: str) -> Reader:
    return lambda page: [words(one) for one in page.section(section).find_all("dd")]


def column(caption: str, heading: str) -> Reader:
    return lambda page: page.column(caption, heading)


def about(page: Page) -> list[str]:
    """What the captions of the timeline's tables begin with."""
    captions = [table.caption.get_text() for table in page.soup.select("table.events")]
    return list(dict.fromkeys(re.split(f", {DATED}| {UNDATED}", one)[0] for one in captions)) or [""]


def missing(label: str) -> Reader:
    """The labels in one list of what was not answered."""
    return lambda page: [
        one for said in page.beside(page.section(NONE), label) if said != "none" for one in said.split("; ")
    ]


PLACES: Mapping[str, tuple[Reader, Writer]] = {
    "questionnaire": (
        lambda page: re.findall(r"Form (\S+), printed", page.soup.get_text()),
        lambda canonical, _owner: canonical.rpartition("|")[2],
    ),
    "name": (lambda page: [words(page.soup.h1)], plain),
    "header[].label": (lambda page: [words(term) for term in page.terms(page.facts)[:-2]], plain),
    "header[].sentence": (lambda page: [words(one) for one in page.facts.find_all("dd")[:-2]], plain),
    "wants.heading": (lambda page: [words(one) for one in page.soup.select("#s-want")], plain),
    "wants.lines[].label": (terms(WANTS), plain),
    "wants.lines[].sentence": (definitions(WANTS), without_label),
    "groups[].heading": (lambda page: [words(one) for one in page.section(HIGHLIGHTS).select(".group h3")], plain),
    "groups[].highlights[].rule": (lambda page: [line["data-rule"] for line in page.highlights], plain),
    "groups[].highlights[].sentence": (lambda page: [words(line.span) for line in page.highlights], plain),
    "groups[].highlights[].question": (
        lambda page: [" ".join(line.a.get("title", "").split()) for line in page.highlights],
        plain,
    ),
    "groups[].highlights[].source": (
        lambda page: [line.a["href"].partition("#a-")[2] for line in page.highlights],
        plain,
    ),
    "box.heading": (lambda page: [words(one) for one in page.soup.select("section.counts h2")], plain),
    "box.headline": (lambda page: [words(one) for one in page.section(COUNTS).select(".gtpal")], plain),
    "box.note": (lambda page: [words(one) for one in page.section(COUNTS).select("p.small")], in_brackets),
    "box.legend": (lambda page: [words(one) for one in page.soup.select("p.legend")], plain),
    "box.lines[].label": (
        lambda page: [words(term).removesuffix(":") for term in page.section(COUNTS).select("div:not(.in) > dt")],
        plain,
    ),
    "box.lines[].value": (
        lambda page: [words(one) for one in page.section(COUNTS).select("div:not(.in) > dd")],
        plain,
    ),
    "box.lines[].link_id": (
        lambda page: [one["href"].partition("#a-")[2] for one in page.section(COUNTS).select("dt a")],
        plain,
    ),
    "timeline.about": (about, lambda words, timeline: words if timeline.events or timeline.undated else ""),
    "timeline.events[].date_in_words": (column(DATED, "Date as given"), plain),
    "timeline.events[].kind": (column(DATED, "Kind"), plain),
    "timeline.events[].details": (column(DATED, "Facts"), facts),
    "timeline.undated[].date_in_words": (column(UNDATED, "Date"), plain),
    "timeline.undated[].kind": (column(UNDATED, "Kind"), plain),
    "timeline.undated[].details": (column(UNDATED, "Facts"), facts),
    "sections[].heading": (lambda page: [words(section.h2) for section in page.sections], plain),
    "sections[].lines[].label": (
        lambda page: [words(term) for section in page.sections for term in section.find_all("dt")],
        plain,
    ),
    "sections[].lines[].sentence": (
        lambda page: [words(one) for section in page.sections for one in section.find_all("dd")],
        without_label,
    ),
    "sections[].table.columns": (
        lambda page: [row(head) for head, _ in page.tables],
        lambda columns, _owner: row(columns),
    ),
    "sections[].table.rows": (
        lambda page: [rows(body) for _, body in page.tables],
        lambda body, _owner: rows([" ".join(text_of(cell).split()) or "not given" for cell in cells] for cells in body),
    ),
    "sections[].two_columns": (
        lambda page: [str(section.select_one("dl.two") is not None) for section in page.sections],
        lambda is_two, _owner: str(is_two),
    ),
    "also.heading": (lambda page: [words(one) for one in page.soup.find_all("summary", string=ALSO)], plain),
    "also.lines[].label": (also("dt"), plain),
    "also.lines[].sentence": (also("dd"), without_label),
    "checks[].sentence": (
        lambda page: [words(line.span) for line in page.highlights if line["data-rule"] == "H-30"],
        plain,
    ),
    "not_answered.blank[].label": (missing("Left blank"), plain),
    "not_answered.unknown[].label": (missing("Does not know"), plain),
    "not_answered.declined[].label": (missing("Prefers not to say"), plain),
    "not_answered.in_person[].label": (missing("Will say in person"), plain),
    "not_answered.not_reached[].label": (missing("Not reached"), plain),
}
"""Where a field stands on the page, and how it is written there."""

SOURCE = "where it came from: the full answers show it"
NOT_DRAWN: Mapping[str, str] = {
    "counts": "figures for summary.json and the export; the page draws the box that is made from them",
    "checks[].rule": "each check is a line of rule H-30",
    "groups[].highlights[].tells": "which questions need no line of their own",
    "groups[].highlights[].link_ids": "the foremost stands in `question` and `source`",
    **{
        f"{section}.{what}": "lines alone stand there, as a test says"
        for section in ("wants", "also")
        for what in ("table.columns", "table.rows", "table.link_id", "two_columns")
    },
    "box.lines[].parts[].name": "compared with its figures, by a test",
    "box.lines[].parts[].figures": "compared by a test",
    "sections[].table.link_id": "where its first column leads to",
    "format": "an older one is told in a sentence (test_formats.py)",
    **dict.fromkeys(
        (f"timeline.{name}[].{what}" for name in ("events", "undated") for what in ("outcome", "weeks")),
        "stand in the facts, and by themselves as a test says",
    ),
    "timeline.events[].date": "for the drawing (test_drawing.py); the list says it in words",
    "timeline.undated[].date": "there is none",
    **dict.fromkeys(
        ("header[].link_id", "wants.lines[].link_id", "sections[].lines[].link_id", "also.lines[].link_id"), SOURCE
    ),
    **{f"timeline.{name}[].{what}": SOURCE for name in ("events", "undated") for what in ("link_id", "entry_id")},
    **{
        f"not_answered.{name}[].{what}": SOURCE
        for name in ("blank", "unknown", "declined", "in_person", "not_reached")
        for what in ("link_id", "entry_id")
    },
}
"""Fields that the page leaves out, each with the reason."""


def test_every_field_of_the_summary_has_a_place_on_the_page_or_a_reason_for_none() -> None:
    known = [*PLACES, *NOT_DRAWN]
    assert [field for field in FIELDS if field not in known] == [], "no place and no reason"
    assert [field for field in known if field not in FIELDS] == [], "no field of the summary any more"


# -- patients ----------------------------------------------------------------------------------------------------------

Patient = tuple[QuestionnaireResponse, PagesVisited]


def way(seed: int) -> PagesVisited:
    """Everything saved; of some patients the last pages not, and some things to be told in person."""
    done = PAGES[: -(seed % 4 * 4) or None]
    return PagesVisited(frozenset(done), frozenset(done[seed % 3 :: 5]) if seed % 2 else frozenset())


PATIENTS: Mapping[str, Callable[[], Patient]] = {
    **{one.id: lambda one=one: (one.response(QUESTIONNAIRE), way(0)) for one in scenarios()},
    **{f"random {seed}": lambda seed=seed: (random_response(QUESTIONNAIRE, seed), way(seed)) for seed in range(8)},
}


def stored_and_drawn(house: House, patient: Patient) -> tuple[Summary, Page]:
    """The summary as it was read from the database, and the page that was drawn from it."""
    response, how_far = patient
    id = house.send(response, way=how_far)
    browser = house.signed_in(Role.CLINICIAN)
    drawn: list[Summary] = []

    def note(_app: Flask, context: Mapping[str, Any], **_more: Any) -> None:
        drawn.append(context["summary"])

    with template_rendered.connected_to(note, house.app):
        answer = browser.get(f"/clinician/responses/{id}")
    assert answer.status_code == 200
    return drawn[0], Page(BeautifulSoup(answer.text, "html.parser"))


def expected(summary: Summary, path: str) -> list[str]:
    """What the page says of a field, in order."""
    write = PLACES[path][1]
    return [
        " ".join(write(value, owner).split())
        for field, value, owner in values_of(summary)
        if field == path and value is not None
    ]


@pytest.mark.parametrize("name", PATIENTS)
def test_each_value_stands_in_its_place_and_in_order(house: House, name: str) -> None:
    summary, page = stored_and_drawn(house, PATIENTS[name]())
    for path, (read, _) in PLACES.items():
        assert read(page) == expected(summary, path), path


@pytest.mark.parametrize("name", PATIENTS)
def test_headings_and_numbers_stand_as_the_summary_asks(house: House, name: str) -> None:
    summary, page = stored_and_drawn(house, PATIENTS[name]())
    assert summary.wants is not None
    assert summary.also is not None
    assert (summary.wants.table, summary.also.table, summary.wants.two_columns) == (None, None, False), "not drawn"
    timeline = summary.timeline.events or summary.timeline.undated
    headings = [WANTS, (timeline or summary.box) and TIMELINE, summary.box and COUNTS, HIGHLIGHTS]
    headings += [*(section.heading for section in summary.sections), NONE, "Review"]
    assert [one.get_text() for one in page.soup.select(".summary h2")] == [one for one in headings if one]
    for events, caption in ((summary.timeline.events, DATED), (summary.timeline.undated, UNDATED)):
        if summary.timeline.has_details and events:
            marks = [joined(", ", filter(None, (one.outcome, one.weeks))) or one.details for one in events]
            assert page.column(caption, "Outcome and weeks") == [" ".join(text_of(one).split()) for one in marks]
    parts = [
        (line, part, f"{label} {number}", number == "0")
        for line in (summary.box.lines if summary.box else ())
        for part in line.parts
        for label, number in part.figures
    ]
    assert page.figures(zero=False) == [(part.name, said) for _, part, said, zero in parts if not zero]
    assert page.figures(zero=True) == [(f"{line.label} {part.name}", said) for line, part, said, zero in parts if zero]
    groups = [len(one.select("li")) for one in page.section(HIGHLIGHTS).select(".group")]
    assert groups == [len(group.highlights) for group in summary.groups]
    assert [len(one.find_all("dt")) for one in page.sections] == [len(section.lines) for section in summary.sections]
    assert [len(one.find_all("table")) for one in page.sections] == [bool(one.table) for one in summary.sections]
    reasons = {"Left blank": True, "Does not know": True, "Prefers not to say": True}
    reasons |= {"Will say in person": summary.not_answered.in_person, "Not reached": summary.not_answered.not_reached}
    assert [words(term) for term in page.terms(page.section(NONE))] == [
        name for name, is_there in reasons.items() if is_there
    ]
    assert ("Date not given:" in words(page.section(TIMELINE))) is bool(summary.timeline.undated)


def test_these_patients_say_something_in_every_place(house: House) -> None:
    summaries = [stored_and_drawn(house, patient())[0] for patient in PATIENTS.values()]
    empty = [path for path in PLACES if not any(any(expected(summary, path)) for summary in summaries)]
    assert empty == ["timeline.undated[].date_in_words"], "a place without a word in it shows nothing wrong"
