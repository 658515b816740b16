"""Sending without a page: the summary is made, and with the document and the header stored for the clinic."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TypedDict

from intake.answers.document import Json, StoredDocument
from intake.consultations.rules import summarise
from intake.questionnaire.roles import ItemRole
from intake.summary.model import SummarySettings


class Submission(TypedDict):
    """What is stored when a form is sent: the answers, the clinician's page, and what the queue shows."""

    document: Json
    summary: Json
    header: Json


def submission_of(draft: StoredDocument, settings: SummarySettings, now: datetime, zone: tzinfo) -> Submission:
    """What sending this draft now stores; `zone` is the clinic's, whose calendar counts."""
    today = now.astimezone(zone).date()
    summary = summarise(draft.questionnaire, draft.response, settings=settings, today=today, way=draft.way)
    return Submission(document=draft.to_sent_document(now), summary=summary.to_document(), header=header_of(draft))


def header_of(draft: StoredDocument) -> Json:
    """Name and date of birth, as far as the form asks for them; an empty name says that it asks for none."""
    asks_name = ItemRole.NAME in draft.questionnaire.by_role
    birth = draft.role(ItemRole.BIRTH_DATE).date
    return {
        "name": draft.role(ItemRole.NAME).own_words if asks_name else "",
        "birth_date": birth.iso if birth else None,
    }
