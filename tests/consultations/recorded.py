"""What the rules, the demo and the codebook make of many random patients, as one short digest each.

`python -m tests.consultations.recorded` writes the digests anew. Whoever does so has looked at what changed, and says
it in the changelog: a summary is what a clinician reads, and a seed of the demo is a promise.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from intake.consultations import catalogue
from intake.consultations.nk_intake.stories import patient as demo_patient
from intake.consultations.rules import open_checks, rules_for, summarise
from intake.consultations.stored import stored_summary
from intake.exports.codebook import codebook
from intake.exports.columns import GROUPS, Selection
from intake.questionnaire import synthetic
from intake.questionnaire.absence import Absences
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.fhir_questionnaire import questionnaire_to_json
from intake.questionnaire.journey import Journey
from intake.questionnaire.model import ItemType, Questionnaire
from intake.questionnaire.response import QuestionnaireResponse
from intake.summary.full_answers import full_answers
from intake.summary.model import ObstetricLine, SummarySettings
from intake.summary.text import as_text
from tests.factories import CONTENT, SENT_ON
from tests.fhir.patients import Patient, patient

STORED: Final[Mapping[str, Any]] = json.loads((CONTENT / "summaries_format_1.json").read_text(encoding="utf-8"))
FILE: Final = Path(__file__).parents[1] / "content/recorded.json"
SETTINGS: Final = (
    SummarySettings(),
    SummarySettings(viability_weeks=24, obstetric_line=ObstetricLine.PARA, infection_names=False),
)


def form(version: str) -> Questionnaire:
    return next(
        one for one in catalogue.shipped().published.values() if (one.id, one.version) == ("nk-intake", version)
    )


def summaries(version: str, seed: int) -> Iterator[str]:
    """All that is made of one patient: page, JSON, text, checks, full answers, the way through the form."""
    one = patient(form(version), seed)
    ids = [entry.id for rows in one.response.entries.values() for entry in rows]
    for piece in _made(one):
        for number, id in enumerate(ids):  # they are new each time
            piece = piece.replace(id, f"entry-{number}")
        yield piece


def _made(one: Patient) -> Iterator[str]:
    for settings in SETTINGS:
        made = summarise(one.questionnaire, one.response, settings=settings, today=SENT_ON, way=one.way)
        yield as_text(made, "7KQ4-M2XD", SENT_ON)
        yield json.dumps(made.as_json("7KQ4-M2XD"), sort_keys=True)
        yield json.dumps(made.to_document(), sort_keys=True)
        yield repr([(one.rule, one.link_ids, one.tells) for one in made.highlights])
        yield repr(open_checks(one.questionnaire, one.response, settings=settings, today=SENT_ON))
    shown = Shown(one.questionnaire, one.response)
    yield repr([page.link_id for page in Journey(one.questionnaire, one.response).pages])
    yield repr(
        [
            (page.title, [said.lines for block in page.blocks for said in block.statements])
            for page in full_answers(Absences(shown, one.way))
        ]
    )
    yield json.dumps(one.as_json, sort_keys=True)


def demo(name: str, seed: int) -> Iterator[str]:
    """A patient of the demo, of this form: what was answered, in the order of the form."""
    questionnaire = catalogue.shipped().form(name)
    make = demo_patient if name == catalogue.NK_INTAKE else synthetic.patient
    made = make(questionnaire, random.Random(seed), sent=seed % 4 > 0)
    yield from said(made.response)
    yield repr([page.link_id for page in made.done]) + repr(
        sorted(getattr(one, "link_id", one) for one in made.in_person)
    )


def said(response: QuestionnaireResponse) -> Iterator[str]:
    """The answers without the ids of entries, which are new each time."""
    numbers: dict[str, int] = {}
    for link_id, entry, answer in response.said():
        number = numbers.setdefault(entry.id, len(numbers)) if entry else ""
        yield f"{link_id} {number} {answer!r}"


def published(canonical: str, _seed: int) -> Iterator[str]:
    """A questionnaire as other programs get it."""
    yield json.dumps(questionnaire_to_json(catalogue.shipped().published[canonical]), sort_keys=True)


def columns(canonical: str, _seed: int) -> Iterator[str]:
    """The columns of an export, and what they mean."""
    selection = Selection(GROUPS, for_people=False, not_asked=True)
    yield from map(repr, codebook(catalogue.shipped().published[canonical], selection))
    yield repr(rules_for(catalogue.shipped().published[canonical]).messages)


def invented(name: str, seed: int) -> Iterator[str]:
    """What somebody who does not exist types into each question of this form."""
    for item in catalogue.shipped().form(name).walk():
        if item.type in (ItemType.STRING, ItemType.TEXT, ItemType.OPEN_CHOICE):
            yield f"{item.link_id} {synthetic.invented_words(item, random.Random(seed))}"


def stored_before(id: str, _seed: int) -> Iterator[str]:
    """A summary that was stored in format 1, as it is read today."""
    made = stored_summary(STORED[id]["stored"], form("1.1.0"))
    yield as_text(made, "7KQ4-M2XD", SENT_ON)
    yield json.dumps(made.to_document(), sort_keys=True)


KINDS: Final[Mapping[str, tuple[Callable[[str, int], Iterator[str]], str, int]]] = {
    "summaries of 1.2.0": (summaries, "1.2.0", 200),
    "summaries of 1.1.0": (summaries, "1.1.0", 60),
    "summaries of 1.0.0": (summaries, "1.0.0", 40),
    "demo of nk-intake": (demo, "nk-intake", 240),
    "demo of first-visit": (demo, "first-visit", 60),
    "words invented for nk-intake": (invented, "nk-intake", 120),
    "words invented for first-visit": (invented, "first-visit", 40),
    **{f"format 1 of {one}": (stored_before, one, 1) for one in sorted(STORED)},
    **{f"FHIR of {one}": (published, one, 1) for one in sorted(catalogue.shipped().published)},
    **{f"columns of {one}": (columns, one, 1) for one in sorted(catalogue.shipped().published)},
}
"""What is recorded: how it is made, of what, and for how many seeds."""
BATCH: Final = 4
"""So many patients a test: it takes less than a tenth of a second."""


def digests(kind: str, first: int) -> list[str]:
    """The digests of a batch of seeds."""
    make, what, count = KINDS[kind]
    return [digest(make(what, seed)) for seed in range(first, min(first + BATCH, count))]


def digest(pieces: Iterator[str]) -> str:
    return hashlib.sha256("\x1e".join(pieces).encode("utf-8", "surrogatepass")).hexdigest()[:12]


def batches() -> Iterator[tuple[str, int]]:
    """Every batch of every kind."""
    return ((kind, first) for kind, (_, _, count) in KINDS.items() for first in range(0, count, BATCH))


if __name__ == "__main__":
    recorded = {f"{kind}, from {first}": digests(kind, first) for kind, first in batches()}
    FILE.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
    print(f"Wrote {sum(map(len, recorded.values()))} digests to {FILE.name}.")
