"""Stored documents of the first format, as they stood under their encryption, are read as what they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.answers.document import StoredDocument
from intake.consultations import catalogue, stored
from intake.questionnaire.fhir_json import response_to_json
from intake.records import codes
from tests.old.reading import kept
from tests.old.test_old_data import OLD, PEOPLE, same_json

DOCUMENTS = Path(__file__).parent / "documents"
SENT = sorted(file.stem.removeprefix("sent-") for file in DOCUMENTS.glob("sent-*.json"))


@pytest.mark.parametrize("name", PEOPLE["drafts"])
def test_a_stored_draft_of_the_first_format_opens_as_the_form_it_was(name: str) -> None:
    recorded = kept(OLD / "drafts" / f"{name}.json")
    document = kept(DOCUMENTS / f"draft-{name}.json")
    questionnaire = catalogue.shipped().published[document["response"]["questionnaire"]]
    draft = StoredDocument.from_document(document, questionnaire)
    first = draft.journey.first_incomplete()
    goes_on = "/check" if first is draft.questionnaire.check else f"/questionnaire/{first.link_id}"
    assert goes_on == recorded["goes on"]
    assert codes.shown(draft.resume_code).replace("-", " ") == recorded["code"]


@pytest.mark.parametrize("name", SENT)
def test_a_stored_response_and_summary_of_the_first_format_open_as_they_were_sent(name: str) -> None:
    recorded = kept(OLD / "sent" / f"{name}.json")
    document = kept(DOCUMENTS / f"sent-{name}.json")
    questionnaire = catalogue.shipped().published[document["response"]["questionnaire"]]
    response = StoredDocument.from_document(document, questionnaire).response
    assert response.authored is not None
    assert response_to_json(questionnaire, response) == document["response"]
    summary = stored.stored_summary(kept(DOCUMENTS / f"summary-{name}.json"), questionnaire)
    assert same_json(summary.as_json(PEOPLE["sent"][name]["reference"]), recorded["summary"])
