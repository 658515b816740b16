"""The four places where our words stand: the questionnaire, the templates, the code's messages, generated summaries."""

from __future__ import annotations

import ast
import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jinja2

import intake
from intake.consultations import catalogue
from intake.consultations.rules import open_checks, summarise
from intake.questionnaire.absence import Absences, PagesVisited
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.model import Item, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.model import SummarySettings
from intake.summary.statement import Author, Part, Sentence, Voice, statement
from intake.summary.text import as_text
from tests.neutrality.patterns import Text

PACKAGE = Path(intake.__file__).parent
INVENTED = "consultations/nk_intake/stories/"
"""What patients type who do not exist: their words, not ours."""
GAP = "…"
"""Stands for what is filled in while the program runs."""


# -- the questionnaire -------------------------------------------------------------------------------------------------


def in_questionnaires(folder: Path = PACKAGE / "questionnaires") -> Iterator[Text]:
    """Every word of the published questionnaires, by linkId."""
    for file in catalogue.form_files(folder):
        questionnaire = catalogue.load(file)
        yield Text(file.name, questionnaire.title)
        for item in questionnaire.walk():
            yield from (Text(item.link_id, words) for words in _words_of(item) if words)


def _words_of(item: Item) -> Iterator[str | None]:
    yield from (
        item.text,
        item.help,
        item.label,
        item.phrase.replace("{value}", GAP),
        item.row_label,
        item.add_label,
        item.add_first_label,
    )
    for option in item.options:
        yield from (option.display, option.short)


# -- templates ---------------------------------------------------------------------------------------------------------

_READ_ATTRIBUTES = frozenset(
    {"aria-label", "aria-description", "title", "alt", "placeholder", "content", "value", "label"}
)
_INLINE = frozenset(
    {
        "a",
        "abbr",
        "b",
        "br",
        "cite",
        "code",
        "em",
        "i",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
    }
)


class _Page(HTMLParser):
    """Collects what a page says: a text ends where a block does, so a sentence with a link in it stays one sentence."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_endtag(tag)
        after = self.found.pop()
        self.found += [value for name, value in attrs if name in _READ_ATTRIBUTES and value]
        self.found.append(after)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.found.append("")

    def handle_data(self, data: str) -> None:
        self.found[-1] += data


def in_templates(folder: Path = PACKAGE / "templates") -> Iterator[Text]:
    """What every template shows: text, readable attributes, and the texts inside Jinja's own expressions."""
    for file in sorted(path for path in folder.rglob("*") if path.suffix in (".html", ".svg", ".txt")):
        where = file.relative_to(folder).as_posix()
        page, inside = _Page(), []
        for kind, words in _pieces(file.read_text(encoding="utf-8")):
            if kind == "inside":
                inside.append(words)
            page.feed(words if kind == "outside" else GAP)
        page.close()
        yield from (Text(where, words) for words in (*page.found, *inside) if words.strip(f" \n{GAP}"))


def _pieces(source: str) -> Iterator[tuple[str, str]]:
    for _, token, words in jinja2.Environment(autoescape=True).lex(source):
        if token == "data":
            yield "outside", words
        elif token == "string":
            yield "inside", words[1:-1]
        elif token == "variable_begin":
            yield "gap", GAP


# -- messages in the code ----------------------------------------------------------------------------------------------

_SQL = re.compile(r"\s*(CREATE|DROP|PRAGMA|SELECT|INSERT|UPDATE|DELETE|BEGIN|SET|SHOW|VACUUM|ALTER|LOCK) ")
_COMMANDS = ("command", "group")


def in_code(folder: Path = PACKAGE) -> Iterator[Text]:
    """Every text in the code that a person can read: literals of words, help of commands, text files, and what style
    sheets add.

    Docstrings, statements to the database and single lower-case words (keys, codes, names of things) are not shown to
    people. A text that is put together while the program runs has a gap for each part that is filled in.
    """
    for file in sorted(folder.rglob("*")):
        where = file.relative_to(folder).as_posix()
        if where.startswith(INVENTED):
            continue
        if file.suffix == ".py":
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                yield from (Text(f"{where}:{_name(node)}", words) for words in _literals(node) if _is_for_people(words))
        elif file.suffix == ".css":
            yield from (
                Text(where, words) for words in re.findall(r'content:\s*"([^"]*)"', file.read_text(encoding="utf-8"))
            )
        elif file.suffix in (".md", ".txt"):
            yield from (Text(where, words) for words in re.split(r"\n\s*\n", file.read_text(encoding="utf-8")))


def _is_for_people(words: str) -> bool:
    return (" " in words.strip() or words[:1].isupper()) and not _SQL.match(words)


def _name(node: ast.stmt) -> str:
    """The function, class or constant that a statement of a module makes."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node
    return str(getattr(target, "name", getattr(target, "id", "")))


def _literals(tree: ast.stmt) -> Iterator[str]:
    spoken = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _is_command(node)]
    yield from filter(None, (ast.get_docstring(node) for node in spoken))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    pieces = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent | pieces:
            yield node.value


def _is_command(node: ast.FunctionDef) -> bool:
    return any(name in ast.unparse(decorator) for decorator in node.decorator_list for name in _COMMANDS)


# -- generated summaries -----------------------------------------------------------------------------------------------

SENT_ON = date(2026, 11, 22)
_NO_WORDS = frozenset({"rule", "group", "link_id", "link_ids", "tells", "entry_id", "questionnaire", "source"})


def in_summary(
    questionnaire: Questionnaire,
    response: QuestionnaireResponse,
    *,
    way: PagesVisited | None = None,
    settings: SummarySettings | None = None,
) -> Iterator[Text]:
    """Our parts of the summary of a response, as stored, and of the gentle checks that its patient reads."""
    summary = summarise(questionnaire, response, settings=settings or SummarySettings(), today=SENT_ON, way=way)
    yield from _ours(summary, "summary")
    for check in open_checks(questionnaire, response, settings=SummarySettings(viability_weeks=20), today=SENT_ON):
        yield Text(check.rule, _without_the_patients_words(check.patient))
        yield Text(check.rule, check.heading)


def in_text(questionnaire: Questionnaire, response: QuestionnaireResponse, way: PagesVisited | None) -> Iterator[Text]:
    """Every line of the text to paste; the patient must have typed nothing that is ours to answer for."""
    summary = summarise(questionnaire, response, settings=SummarySettings(), today=SENT_ON, way=way)
    yield from (Text("summary.txt", line) for line in as_text(summary, "7KQ4-M2XD", SENT_ON).splitlines())


def in_statements(questionnaire: Questionnaire, response: QuestionnaireResponse, way: PagesVisited) -> Iterator[Text]:
    """Our parts of every question and answer, as the patient's check page and the clinician's full answers show
    them."""
    absences = Absences(Shown(questionnaire, response), way)
    for asked in absences.shown.questions():
        answer = response.answer(asked.item.link_id, asked.entry)
        for voice in Voice:
            yield from _ours(statement(asked, answer, voice, blank=absences.blank(asked.item)), "statement")


def in_summaries(questionnaire: Questionnaire, responses: Iterable[QuestionnaireResponse]) -> Iterator[Text]:
    """Our parts of the summaries of these responses."""
    for response in responses:
        yield from in_summary(questionnaire, response)


def _ours(value: Any, where: str) -> Iterator[Text]:
    """The words of a summary or a statement; `where` is the nearest rule or linkId above them."""
    if isinstance(value, str):
        yield Text(where, value)
    elif isinstance(value, tuple) and value and isinstance(value[0], Part):
        yield Text(where, _without_the_patients_words(value))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _ours(one, where)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield Text(where, key.replace("_", " "))
            yield from _ours(one, where)
    elif dataclasses.is_dataclass(value):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        inner = fields.get("rule") or fields.get("link_id") or where
        for name, one in fields.items():
            if name not in _NO_WORDS:
                yield from _ours(one, inner)


def _without_the_patients_words(parts: Sentence) -> str:
    return "".join(part.text if part.by is Author.OURS else GAP for part in parts)
