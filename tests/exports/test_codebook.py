"""The codebook names every column that is there and every column that is left out; the manifest counts and hashes each
file."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import pytest

from intake.exports.columns import GROUPS
from intake.questionnaire.model import Questionnaire
from tests.exports.reading import Line, by_csv, export_row, members, stream
from tests.factories import random_response

SELECTIONS = [frozenset(), frozenset({"free-text"}), frozenset({"sensitive"}), GROUPS - {"endings"}, GROUPS]


def files(
    questionnaire: Questionnaire, groups: frozenset[str] = frozenset(), count: int = 0, **wanted: bool
) -> dict[str, bytes]:
    rows = [export_row(questionnaire, random_response(questionnaire, seed)) for seed in range(count)]
    return members(b"".join(stream(questionnaire, lambda: rows, groups=groups, **wanted)))


def headers(found: dict[str, bytes]) -> set[tuple[str, str]]:
    """Every column of every file."""
    tables = {name: content.decode("utf-8-sig") for name, content in found.items() if name.endswith(".csv")}
    return {
        (name, column) for name, text in tables.items() for column in next(csv.reader(io.StringIO(text, newline="")))
    }


def book(found: dict[str, bytes]) -> list[Line]:
    return by_csv(found["codebook.csv"])


def named(lines: list[Line]) -> set[tuple[str, str]]:
    return {(line["file"], line["column"]) for line in lines}


@pytest.mark.parametrize("groups", SELECTIONS, ids=lambda groups: ",".join(sorted(groups)) or "none")
def test_the_codebook_has_every_column_that_is_there_and_says_of_all_others_which_group_they_need(
    questionnaire: Questionnaire, groups: frozenset[str]
) -> None:
    found, everything = files(questionnaire, groups), files(questionnaire, GROUPS)
    here = [line for line in book(found) if line["type"] != "left-out"]
    left_out = [line for line in book(found) if line["type"] == "left-out"]
    assert named(here) == headers(found)
    assert named(left_out) == headers(everything) - headers(found)
    assert {line["code"] for line in left_out} == (
        GROUPS - groups if groups != {"free-text"} else GROUPS - {"free-text"}
    )
    assert all(line["code"] in line["display"] for line in left_out)


def test_a_column_of_two_groups_is_left_out_for_each_that_is_off(questionnaire: Questionnaire) -> None:
    def needs(groups: frozenset[str]) -> list[str]:
        lines = book(files(questionnaire, groups))
        return [
            line["code"] for line in lines if line["column"] == "infection-name___other" and line["type"] == "left-out"
        ]

    assert needs(frozenset()) == ["free-text", "sensitive"]
    assert needs(frozenset({"free-text"})) == ["sensitive"]
    assert needs(GROUPS) == []


def test_every_option_has_its_line(questionnaire: Questionnaire) -> None:
    lines = book(files(questionnaire, GROUPS))
    for item in (item for item in questionnaire.walk() if item.is_choice):
        about = [line for line in lines if line["linkId"] == item.link_id and line["code"] not in ("", "other")]
        codes = {option.code: option.display for option in item.options}
        assert {line["code"]: line["display"] for line in about} | {"other": ""} == codes | {"other": ""}
        own = [line["column"] for line in about]
        assert (
            own == [f"{item.link_id}___{line['code']}" for line in about]
            if item.repeats
            else set(own) == {item.link_id}
        )
        assert {line["text"] for line in about} == {item.text}


def test_every_cell_of_a_coded_column_is_in_the_codebook(questionnaire: Questionnaire) -> None:
    found = files(questionnaire, frozenset(), count=40, not_asked=True)
    codes: dict[tuple[str, str], set[str]] = {}
    for line in (line for line in book(found) if line["type"] != "left-out"):
        codes.setdefault((line["file"], line["column"]), set()).add(line["code"])
    for name in (name for name in found if name not in ("codebook.csv", "manifest.json")):
        for column, known in (
            (column, known) for (file, column), known in codes.items() if file == name and known != {""}
        ):
            cells = {line[column] for line in by_csv(found[name])}
            assert cells <= known | {"", "0", "1"}, (name, column)


def test_with_endings_off_the_codebook_names_none_of_the_three_codes(questionnaire: Questionnaire) -> None:
    def outcomes(groups: frozenset[str]) -> set[str]:
        return {line["code"] for line in book(files(questionnaire, groups)) if line["column"] == "preg-outcome"}

    three = {"medical-reasons", "ended-by-choice", "other"}
    assert outcomes(GROUPS) >= three
    assert outcomes(GROUPS - {"endings"}) == outcomes(GROUPS) - three | {"ended-other"}


def test_for_people_the_codebook_is_guarded_like_the_rest(questionnaire: Questionnaire) -> None:
    content = files(questionnaire, for_people=True)["codebook.csv"]
    assert content.startswith(b"\xef\xbb\xbffile,column,linkId,type,text,code,display\r\n")
    assert [cell for line in by_csv(content) for cell in line.values() if cell.startswith(("=", "+", "-", "@"))] == []


def test_the_manifest_counts_and_hashes_each_file(questionnaire: Questionnaire) -> None:
    found = files(questionnaire, GROUPS, count=12, not_asked=True)
    told = json.loads(found["manifest.json"])["files"]
    assert list(told) == [name for name in found if name != "manifest.json"]
    assert list(found)[-3:] == ["absent.csv", "codebook.csv", "manifest.json"]
    for name, about in told.items():
        assert about == {"rows": len(by_csv(found[name])), "sha256": hashlib.sha256(found[name]).hexdigest()}
