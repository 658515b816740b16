"""Whatever was typed comes back from the file letter for letter, read by Python's csv and by pandas, with and without
guards."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.consultations import catalogue
from intake.exports import columns
from intake.exports.archive import export_zip
from intake.exports.columns import GROUPS, Selection
from intake.exports.decode import NotForPeople, decode_csv, decode_zip
from intake.exports.spreadsheet import unguard
from intake.questionnaire.model import Item, ItemType, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.unseen import can_be_seen
from intake.questionnaire.values import Answer
from tests.exports.reading import Held, Line, by_csv, by_pandas, export_row, members, stream, zipped

HARD = (
    'she said "no", then\r\nleft',
    "two\nlines",
    "a\rb",
    "\ttabbed",
    ",,,",
    '"',
    '""',
    "'",
    "''",
    "=1+1",
    "+44 20 5550 0100",
    "-5",
    "@SUM(A1)",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    "'=1",
    "NA",
    "null",
    "007",
    "1e5",
    "true",
    " spaced ",
    "👩‍👩‍👧 e\u0301 é",
    "漢字; и кириллица",
    "a\u2028\u2029\u0085",
    "\ufeffmarked",
    "{{7*7}} %s <b>",
)
texts = st.sampled_from(HARD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
).filter(can_be_seen)


@cache
def typed(questionnaire: Questionnaire) -> tuple[Item, ...]:
    """Every question that takes typed text, own words included."""
    return tuple(
        item for item in questionnaire.walk() if item.type in (ItemType.STRING, ItemType.TEXT, ItemType.OPEN_CHOICE)
    )


def saying(questionnaire: Questionnaire, said: list[str]) -> QuestionnaireResponse:
    """A response whose n-th typed question holds the n-th text, those of a list in its one entry."""
    answers = {item.link_id: Answer((text,)) for item, text in zip(typed(questionnaire), said, strict=True)}
    own = {name: answer for name, answer in answers.items() if questionnaire.list_of(name) is None}
    entries = {
        rows.link_id: (
            Entry(
                "0badcafe", {name: answer for name, answer in answers.items() if questionnaire.list_of(name) is rows}
            ),
        )
        for rows in questionnaire.lists
    }
    return QuestionnaireResponse(questionnaire.canonical, answers=own, entries=entries)


def read_back(questionnaire: Questionnaire, files: dict[str, bytes], read: Callable[[bytes], list[Line]]) -> list[str]:
    """The typed cells, in the order of the questions."""
    found = []
    lines = {name: read(content)[0] for name, content in files.items()}
    for item in typed(questionnaire):
        rows = questionnaire.list_of(item.link_id)
        line = lines[f"{rows.link_id}.csv" if rows else "responses.csv"]
        name = f"{item.link_id}___other" if item.is_choice else item.link_id
        found.append(line[name])
    return found


ALL_TEXTS = st.lists(
    texts, min_size=len(typed(catalogue.shipped().active)), max_size=len(typed(catalogue.shipped().active))
)


@pytest.mark.parametrize("read", [by_csv, by_pandas], ids=["csv", "pandas"])
@pytest.mark.parametrize("for_people", [False, True], ids=["programs", "people"])
@settings(max_examples=40, deadline=None)
@given(said=ALL_TEXTS)
def test_every_typed_text_comes_back(read: Callable[[bytes], list[Line]], for_people: bool, said: list[str]) -> None:
    questionnaire = catalogue.shipped().active
    rows = [export_row(questionnaire, saying(questionnaire, said))]
    found = read_back(questionnaire, zipped(questionnaire, rows, groups=GROUPS, for_people=for_people), read)
    assert [unguard(text) for text in found] == said if for_people else found == said


@settings(max_examples=60, deadline=None)
@given(said=ALL_TEXTS)
def test_a_decoded_export_for_people_is_the_programs_export_to_the_byte(said: list[str]) -> None:
    questionnaire = catalogue.shipped().active
    rows = [export_row(questionnaire, saying(questionnaire, said))]
    people, programs = (
        b"".join(stream(questionnaire, lambda: rows, groups=GROUPS, for_people=people)) for people in (True, False)
    )
    assert members(b"".join(decode_zip(io.BytesIO(people)))) == members(programs)
    responses = members(people)["responses.csv"]
    assert b"".join(decode_csv(io.BytesIO(responses))) == members(programs)["responses.csv"]


def test_an_export_of_before_0_6_which_guarded_beginnings_alone_is_decoded_as_it_was_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    questionnaire = catalogue.shipped().active
    said = ["=1;'2"] * len(typed(questionnaire))
    rows = [export_row(questionnaire, saying(questionnaire, said))]
    programs = b"".join(stream(questionnaire, lambda: rows, groups=GROUPS))
    monkeypatch.setattr(columns, "guard", lambda text: f"'{text}" if text.startswith(("=", "'")) else text)
    about = {"for": "people", "versions": {"intake": "0.5.0"}}
    selection = Selection(frozenset(GROUPS), for_people=True)
    people = b"".join(export_zip(questionnaire, lambda: rows, selection, about=lambda: about, spool=Held))
    found = members(b"".join(decode_zip(io.BytesIO(people))))
    assert {name: found[name] for name in found if name != "manifest.json"} == {
        name: content for name, content in members(programs).items() if name != "manifest.json"
    }


@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-9], lambda data: data.replace(b"7KQ4", b"7KQ5"), lambda _: b"PK no zip", lambda _: b""],
)
def test_what_is_no_export_for_people_any_more_is_not_decoded(change: Callable[[bytes], bytes]) -> None:
    questionnaire = catalogue.shipped().active
    with zipfile.ZipFile(made := io.BytesIO(), "w") as archive:  # stored, so that its bytes can be changed
        rows = [export_row(questionnaire, saying(questionnaire, ["a"] * len(typed(questionnaire))))]
        for name, content in members(b"".join(stream(questionnaire, lambda: rows, for_people=True))).items():
            archive.writestr(name, content)
    assert b"".join(decode_zip(io.BytesIO(made.getvalue()))).startswith(b"PK")
    with pytest.raises(NotForPeople):
        b"".join(decode_zip(io.BytesIO(change(made.getvalue()))))


def test_an_export_for_programs_is_not_decoded() -> None:
    programs = b"".join(stream(catalogue.shipped().active, list))
    with pytest.raises(NotForPeople):
        b"".join(decode_zip(io.BytesIO(programs)))
    with pytest.raises(NotForPeople):
        b"".join(decode_csv(io.BytesIO(members(programs)["responses.csv"])))
