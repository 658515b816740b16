"""The export's files: columns fixed by the questionnaire, groups that are off, endings, and a stream that holds nothing
back."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from intake.consultations.rules import summarise
from intake.exports.columns import COLUMNS, GROUPS
from intake.exports.table import ExportRow
from intake.questionnaire.model import AnswerOption, Item, ItemType, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import AbsentReason, Answer, Coding, PartialDate
from intake.records.spool import SealedSpool
from intake.summary.model import SummarySettings
from tests.exports.reading import by_csv, csv_stream, export_row, stream, zipped
from tests.factories import random_response

GROUPS_OF_COLUMNS = {
    "names": {"full-name", "address-as", "birth-date", "respondent-name"},
    "contact": {"email", "phone", "contact-safe"},
    "private-talk": {"private-talk"},
    "sensitive": {"weak-immune-why___unknown", "substances___tobacco", "partner-health___none"},
    "free-text": {"own-words", "anything-else", "cancer-type", "hopes___other", "respondent-relationship___other"},
    "endings": {"derived.gtpal", "derived.ended_for_medical_reasons", "derived.not_placed"},
}


def header(questionnaire: Questionnaire, groups: set[str] | frozenset[str], name: str = "responses.csv") -> list[str]:
    return zipped(questionnaire, [], groups=groups)[name].decode().rstrip("\r\n").split(",")


def blank(questionnaire: Questionnaire) -> QuestionnaireResponse:
    return QuestionnaireResponse(questionnaire.canonical)


# -- columns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS_OF_COLUMNS)
def test_a_group_that_is_off_has_no_columns(questionnaire: Questionnaire, group: str) -> None:
    assert GROUPS_OF_COLUMNS[group].isdisjoint(header(questionnaire, GROUPS - {group}))
    assert GROUPS_OF_COLUMNS[group] <= set(header(questionnaire, {group}))


def test_own_words_of_a_sensitive_question_need_both_groups(questionnaire: Questionnaire) -> None:
    for groups in (set(), {"free-text"}, {"sensitive"}):
        assert "infection-name___other" not in header(questionnaire, groups, "infections.csv")
        assert "weak-immune-why___other" not in header(questionnaire, groups)
    assert "infection-name___other" in header(questionnaire, {"free-text", "sensitive"}, "infections.csv")
    assert "weak-immune-why___other" in header(questionnaire, {"free-text", "sensitive"})


def test_a_file_without_lines_has_its_header(questionnaire: Questionnaire) -> None:
    files = zipped(questionnaire, [])
    assert list(files) == ["responses.csv", *(f"{rows.link_id}.csv" for rows in questionnaire.lists), "absent.csv"]
    assert all(content.endswith(b"\r\n") and content.count(b"\r\n") == 1 for content in files.values())


def test_the_columns_do_not_depend_on_the_data(questionnaire: Questionnaire) -> None:
    empty = zipped(questionnaire, [], groups=GROUPS)
    full = zipped(
        questionnaire,
        [export_row(questionnaire, random_response(questionnaire, seed)) for seed in range(20)],
        groups=GROUPS,
    )
    assert {name: content.split(b"\r\n")[0] for name, content in full.items()} == {
        name: content.split(b"\r\n")[0] for name, content in empty.items()
    }


def test_every_kind_of_question_has_its_columns() -> None:
    assert set(COLUMNS) == set(ItemType) - {ItemType.GROUP, ItemType.DISPLAY}


# -- cells -------------------------------------------------------------------------------------------------------------


def line_of(questionnaire: Questionnaire, **answers: Answer) -> dict[str, str]:
    """The one line of a response with these answers, `_` for `-` in the linkIds, every group included."""
    response = blank(questionnaire).with_answers({name.replace("_", "-"): answer for name, answer in answers.items()})
    (line,) = by_csv(zipped(questionnaire, [export_row(questionnaire, response)], groups=GROUPS)["responses.csv"])
    return line


def test_what_stands_before_the_answers(questionnaire: Questionnaire) -> None:
    assert list(line_of(questionnaire).items())[:7] == [
        ("reference", "7KQ4-M2XD"),
        ("status", "completed"),
        ("review_status", "new"),
        ("questionnaire", questionnaire.canonical),
        ("form_language", "en"),
        ("started_at", "2026-11-22T09:30:05Z"),
        ("submitted_at", "2026-11-22T10:01:00Z"),
    ]


def test_an_unanswered_question_leaves_all_its_cells_empty(questionnaire: Questionnaire) -> None:
    assert set(list(line_of(questionnaire).values())[7:]) == {""}


def test_a_several_choice_is_one_column_an_option(questionnaire: Questionnaire) -> None:
    line = line_of(questionnaire, hopes=Answer((Coding("listened"), "a plan")))
    hopes = {name.removeprefix("hopes___"): cell for name, cell in line.items() if name.startswith("hopes___")}
    assert hopes.pop("other") == "a plan"
    assert hopes.pop("listened") == "1"
    assert set(hopes.values()) == {"0"}


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [(Answer((Coding("partner"),)), "partner", ""), (Answer(("my aunt",)), "other", "my aunt"), (Answer(), "", "")],
)
def test_a_single_open_choice_is_a_code_and_own_words(
    questionnaire: Questionnaire, answer: Answer, code: str, words: str
) -> None:
    line = line_of(questionnaire, respondent_relationship=answer)
    assert (line["respondent-relationship"], line["respondent-relationship___other"]) == (code, words)


@pytest.mark.parametrize("iso", ["2019", "2019-03", "2019-03-04"])
def test_a_date_is_as_precise_as_it_was_given(questionnaire: Questionnaire, iso: str) -> None:
    response = blank(questionnaire).with_entry(
        "transfers",
        "0badcafe",
        {"transfer-result": Answer((Coding("negative"),)), "transfer-date": Answer((PartialDate.parse(iso),))},
    )
    (line,) = by_csv(zipped(questionnaire, [export_row(questionnaire, response)])["transfers.csv"])
    assert (line["entry"], line["position"], line["transfer-date"]) == ("0badcafe", "1", iso)


def test_a_ticked_reason_is_an_empty_cell(questionnaire: Questionnaire) -> None:
    assert line_of(questionnaire, egg_collections=Answer((), AbsentReason.ASKED_UNKNOWN))["egg-collections"] == ""


def test_yes_boxes_and_numbers(questionnaire: Questionnaire) -> None:
    line = line_of(questionnaire, consent=Answer((True,)), egg_collections=Answer((0,)))
    assert (line["consent"], line["egg-collections"]) == ("true", "0")


def test_an_answer_to_an_older_version_does_not_stop_the_export(questionnaire: Questionnaire) -> None:
    def of_old(item: Item) -> Item:
        if item.link_id == "hopes":
            return replace(item, options=(*item.options, AnswerOption("an-option-of-old", "Another hope")))
        own = (Item("a-question-of-old", ItemType.STRING, "Asked once"),) if item.link_id == page.link_id else ()
        return replace(item, items=(*map(of_old, item.items), *own))

    page = questionnaire.page_of("hopes")
    old = replace(questionnaire, version="0.9.0", items=tuple(map(of_old, questionnaire.items)))
    response = blank(old).with_answers(
        {"hopes": Answer((Coding("an-option-of-old"),)), "a-question-of-old": Answer(("yes",))}
    )
    (line,) = by_csv(zipped(questionnaire, [export_row(old, response)], groups=GROUPS)["responses.csv"])
    assert line["hopes___listened"] == "0"
    assert line["questionnaire"] == old.canonical


# -- derived counts ----------------------------------------------------------------------------------------------------

COUNTS = {
    "gtpal": "G4 T1 P0 A3 L1",
    "not_placed": 0,
    "losses": {
        "total": 3,
        "by_kind": {"very-early-loss": 1, "miscarriage": 2},
        "by_weeks": {"before-10": 2, "10-to-13": 1, "14-to-23": 0, "24-or-later": 0, "weeks_not_given": 0},
    },
    "ended_for_medical_reasons": 0,
    "transfers": {
        "listed": 2,
        "stated": None,
        "cancelled": 0,
        "embryos": 3,
        "embryos_at_least": True,
        "results": {"negative": 2},
    },
    "age": 34,
    "viability_weeks": 20,
}


def test_derived_counts_are_flat_columns(questionnaire: Questionnaire) -> None:
    row = export_row(questionnaire, blank(questionnaire), **COUNTS)
    (line,) = by_csv(zipped(questionnaire, [row], groups=GROUPS)["responses.csv"])
    derived = {name.removeprefix("derived."): cell for name, cell in line.items() if name.startswith("derived.")}
    assert list(derived)[:4] == ["gtpal", "para", "not_placed", "unlisted"]
    assert {name: cell for name, cell in derived.items() if cell not in ("", "0")} == {
        "gtpal": "G4 T1 P0 A3 L1",
        "losses.total": "3",
        "losses.by_kind.very-early-loss": "1",
        "losses.by_kind.miscarriage": "2",
        "losses.by_weeks.before-10": "2",
        "losses.by_weeks.10-to-13": "1",
        "transfers.listed": "2",
        "transfers.embryos": "3",
        "transfers.embryos_at_least": "true",
        "transfers.results.negative": "2",
        "age": "34",
        "viability_weeks": "20",
    }
    assert derived["losses.by_kind.stillbirth"] == "0", "losses were counted, none was of this kind"
    assert derived["carrier_not_given.losses"] == "", "this count does not apply"
    assert derived["transfers.stated"] == "", "null"


def flat(counts: dict[str, Any], path: str = "derived") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in counts.items():
        if isinstance(value, dict):
            found |= flat(value, f"{path}.{key}")
        else:
            found[f"{path}.{key}"] = "" if value is None else json.dumps(value).strip('"')
    return found


def test_every_count_that_a_summary_gives_has_its_column(questionnaire: Questionnaire) -> None:
    for seed in range(80):
        response = random_response(questionnaire, seed)
        counts = summarise(questionnaire, response, settings=SummarySettings(), today=date(2026, 11, 22)).as_json("A")[
            "counts"
        ]
        (line,) = by_csv(
            zipped(questionnaire, [export_row(questionnaire, response, **counts)], groups=GROUPS)["responses.csv"]
        )
        derived = {name: cell for name, cell in line.items() if name.startswith("derived.")}
        assert flat(counts).items() <= derived.items()
        assert {cell for name, cell in derived.items() if name not in flat(counts)} <= {"", "0"}


# -- endings -----------------------------------------------------------------------------------------------------------

FOLDED = ("medical-reasons", "ended-by-choice", "other")


def ended(code: str, **more: Answer) -> QuestionnaireResponse:
    fields = {
        "preg-outcome": Answer((Coding(code),)),
        "preg-weeks": Answer((9,)),
        "preg-donor": Answer((Coding("none"),)),
    }
    asked = QuestionnaireResponse("q").with_answers(
        {"visit-reasons": Answer((Coding("pregnancy-loss"),)), "ever-pregnant": Answer((Coding("me"),))}
    )
    return asked.with_entry(
        "pregnancies", "0badcafe", fields | {name.replace("_", "-"): answer for name, answer in more.items()}
    )


ENDINGS = {
    "MEDI-CAL1": ended("medical-reasons", preg_loss_tests=Answer((Coding("yes"),)), preg_babies=Answer((2,))),
    "MEDI-CAL2": ended("medical-reasons"),
    "CHOI-CE11": ended("ended-by-choice"),
    "OTHE-R111": ended("other"),
}
"""The three ways, with all that its patient can say about it or with the least."""


@pytest.mark.parametrize("not_asked", [False, True], ids=["asked only", "not-asked too"])
def test_three_endings_are_written_alike_to_the_last_cell(questionnaire: Questionnaire, not_asked: bool) -> None:
    rows = [export_row(questionnaire, response, reference, **COUNTS) for reference, response in ENDINGS.items()]
    files = zipped(questionnaire, rows, groups=GROUPS - {"endings"}, not_asked=not_asked)
    for name, content in files.items():
        lines = by_csv(content)
        first, *others = (
            [{**line, "reference": ""} for line in lines if line["reference"] == reference] for reference in ENDINGS
        )
        assert all(other == first for other in others), name
    assert by_csv(files["pregnancies.csv"])[0]["preg-outcome"] == "ended-other"
    assert by_csv(files["pregnancies.csv"])[0]["preg-weeks"] == "9"
    about = {line["linkId"] for line in by_csv(files["absent.csv"]) if line["entry"]}
    assert len(about) > 3
    assert about.isdisjoint({"preg-loss-tests", "preg-babies"})


def test_what_tells_endings_apart_in_absent_csv_is_there_when_they_are_included(questionnaire: Questionnaire) -> None:
    rows = [export_row(questionnaire, response, reference) for reference, response in ENDINGS.items()]
    lines = by_csv(zipped(questionnaire, rows, groups=GROUPS, not_asked=True)["absent.csv"])
    told = {line["reference"]: line["reason"] for line in lines if line["linkId"] == "preg-loss-tests"}
    assert told == {"MEDI-CAL2": "left-blank", "CHOI-CE11": "not-asked", "OTHE-R111": "not-asked"}


def test_no_question_outside_its_list_tells_how_a_pregnancy_ended(questionnaire: Questionnaire) -> None:
    (rows,) = (rows for rows in questionnaire.lists if "preg-outcome" in {item.link_id for item in rows.walk()})
    inside = {item.link_id for item in rows.walk()}
    asked = [
        item.link_id
        for item in questionnaire.walk()
        if item.link_id not in inside
        for one in item.enable_when
        if one.question in inside
    ]
    assert asked == []


def test_endings_that_are_included_keep_their_codes_and_their_fields(questionnaire: Questionnaire) -> None:
    response = ended("medical-reasons", preg_loss_tests=Answer((Coding("yes"),)))
    (line,) = by_csv(
        zipped(questionnaire, [export_row(questionnaire, response)], groups={"endings"})["pregnancies.csv"]
    )
    assert (line["preg-outcome"], line["preg-loss-tests"]) == ("medical-reasons", "yes")


@pytest.mark.parametrize("code", ["miscarriage", "live-birth", "stillbirth", "declined", "not-sure"])
def test_other_outcomes_stay_as_they_were_chosen(questionnaire: Questionnaire, code: str) -> None:
    (line,) = by_csv(zipped(questionnaire, [export_row(questionnaire, ended(code))])["pregnancies.csv"])
    assert line["preg-outcome"] == code


def test_no_code_of_an_ending_is_anywhere_in_the_default_export(questionnaire: Questionnaire) -> None:
    rows = [export_row(questionnaire, ended(code)) for code in FOLDED]
    files = zipped(questionnaire, rows)
    assert not any(
        word in content for content in files.values() for word in (b"medical-reasons", b"ended-by-choice", b"gtpal")
    )


# -- the stream --------------------------------------------------------------------------------------------------------


def test_for_people_a_mark_stands_in_front_and_formulas_are_guarded(questionnaire: Questionnaire) -> None:
    response = random_response(questionnaire, 1).with_answers(
        {"full-name": Answer(("=cmd()",)), "own-words": Answer(("'tis",))}
    )
    row = export_row(questionnaire, response)
    people = b"".join(csv_stream(questionnaire, lambda: [row], groups=GROUPS, for_people=True))
    programs = b"".join(csv_stream(questionnaire, lambda: [row], groups=GROUPS, for_people=False))
    assert people.startswith(b"\xef\xbb\xbfreference,")
    assert programs.startswith(b"reference,")
    assert (by_csv(people)[0]["full-name"], by_csv(people)[0]["own-words"]) == ("'=cmd()", "''tis")
    assert (by_csv(programs)[0]["full-name"], by_csv(programs)[0]["own-words"]) == ("=cmd()", "'tis")


def test_the_csv_alone_is_the_file_of_the_zip(questionnaire: Questionnaire) -> None:
    rows = [export_row(questionnaire, random_response(questionnaire, seed)) for seed in range(5)]
    assert (
        b"".join(csv_stream(questionnaire, lambda: rows, for_people=False))
        == zipped(questionnaire, rows)["responses.csv"]
    )


def test_the_first_bytes_come_before_the_first_row_is_read(questionnaire: Questionnaire) -> None:
    def unread() -> Iterator[ExportRow]:
        raise AssertionError("no row is wanted yet")
        yield

    assert next(csv_stream(questionnaire, unread, for_people=False)).startswith(b"reference,")
    assert next(stream(questionnaire, unread, for_people=False)).startswith(b"PK")


def test_the_rows_are_read_once_so_that_all_files_hold_the_same_responses(questionnaire: Questionnaire) -> None:
    row = export_row(questionnaire, random_response(questionnaire, 3))
    read = []
    b"".join(stream(questionnaire, lambda: read.append(1) or [row]))  # type: ignore[func-returns-value]
    assert read == [1]


def many(questionnaire: Questionnaire, count: int) -> list[ExportRow]:
    """Many rows that differ in their references."""
    different = [export_row(questionnaire, random_response(questionnaire, seed), **COUNTS) for seed in range(150)]
    return [replace(different[number % len(different)], reference=f"R{number}") for number in range(count)]


def test_files_longer_than_a_piece_come_whole(questionnaire: Questionnaire) -> None:
    rows = many(questionnaire, 1500)
    files = zipped(questionnaire, rows, groups=GROUPS)
    assert [line["reference"] for line in by_csv(files["responses.csv"])] == [row.reference for row in rows]
    for link_id in (item.link_id for item in questionnaire.lists):
        wanted = [(row.reference, entry.id) for row in rows for entry in row.response.rows(link_id)]
        assert [(line["reference"], line["entry"]) for line in by_csv(files[f"{link_id}.csv"])] == wanted
    assert max(len(content) for name, content in files.items() if name != "responses.csv") > 64 * 1024


def test_a_long_export_takes_little_memory(questionnaire: Questionnaire, tmp_path: Path) -> None:
    rows = many(questionnaire, 5000)
    written = sum(len(content) for content in zipped(questionnaire, rows, groups=GROUPS).values())
    tracemalloc.start()
    for _ in stream(questionnaire, lambda: rows, groups=GROUPS, spool=lambda: SealedSpool(tmp_path)):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < written / 2, "what is not buffered does not stay"


def test_a_stream_that_nobody_reads_to_its_end_can_be_closed(questionnaire: Questionnaire) -> None:
    row = export_row(questionnaire, random_response(questionnaire, 3))
    running = stream(questionnaire, lambda: (row for _ in range(10_000)))
    started = next(running)
    running.close()
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(started))
