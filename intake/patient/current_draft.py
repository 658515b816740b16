"""The draft of this request's browser, to be shown or changed in one transaction, and what its pages need beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from intake.answers.document import StoredDocument
from intake.consultations.catalogue import FormMissing
from intake.consultations.rules import worded
from intake.patient import consent
from intake.patient.consent import ConsentText
from intake.patient.notices import GentleChecks
from intake.patient.texts import PlaceholderWords
from intake.questionnaire.fhir_json import UnreadableResponse
from intake.questionnaire.roles import ItemRole
from intake.records import drafts
from intake.records.drafts import DraftHandle
from intake.records.errors import AlreadySent, CannotOpen, NoSuchDraft
from intake.records.sent import Sent
from intake.web import extensions, help_now, sessions


@dataclass
class DraftToChange:
    """A draft that is being changed in one transaction (`sql`); set `draft` to what is to be kept."""

    draft: StoredDocument
    handle: DraftHandle
    sql: Connection


def session_token() -> str:
    """The token that this browser brought. Raises NoSuchDraft for a visitor, who has none."""
    browser = sessions.current()
    if not browser.given:
        raise NoSuchDraft
    return browser.token


def read(record: DraftHandle | Sent) -> StoredDocument:
    """The document of a record, in the words that its patient chose. Raises UnreadableResponse."""
    published = extensions.current().forms.version(record.questionnaire)
    document = StoredDocument.from_document(record.document, published)
    return document.changed(questionnaire=worded(document.questionnaire, document.response))


def open_draft() -> tuple[StoredDocument, DraftHandle]:
    """The draft of this browser, to be shown, and the handle of what is kept.

    Raises NoSuchDraft, AlreadySent, CannotOpen, UnreadableResponse.
    """
    token = session_token()
    with extensions.reading() as sql:
        handle = drafts.open(sql, token, now=extensions.now())
    sessions.current().found(handle.session)
    draft = read(handle)
    remember(draft)
    return draft, handle


def form_in_browser() -> str | None:
    """A form that is `begun`, one that was `sent`, or none in this browser. The page has its country's numbers."""
    try:
        open_draft()
    except NoSuchDraft:
        return None
    except AlreadySent:
        return "sent"
    except (CannotOpen, FormMissing, UnreadableResponse):
        pass  # going on to it says what to do
    return "begun"


@contextmanager
def changing() -> Iterator[DraftToChange]:
    """The draft of this browser, to be changed: what stands in `draft` at the end is kept, in one transaction.

    Answer only after this block: then it is committed. Raises what `open_draft` does.
    """
    token = session_token()
    with extensions.transaction() as sql:
        handle = drafts.open(sql, token, now=extensions.now())
        before = read(handle)
        remember(before)
        changed = DraftToChange(before, handle, sql)
        yield changed
        if changed.draft != before:
            days = extensions.current().settings.draft_days
            drafts.save(sql, handle, changed.draft.to_document(), now=extensions.now(), keep_days=days)
            remember(changed.draft)


def remember(draft: StoredDocument) -> None:
    """Let the foot of this request's page have the numbers of the patient's country."""
    help_now.remember(next(iter(draft.role(ItemRole.COUNTRY).codes), None))


def gentle_checks() -> GentleChecks:
    """The checks of today."""
    return GentleChecks(extensions.current().settings.summary, extensions.today())


def words(draft: StoredDocument | None = None) -> PlaceholderWords:
    """What texts are filled in with; the numbers are those of the patient's country where it is known."""
    return PlaceholderWords(help_now.here(), consent_text().blocks, draft)


def consent_text() -> ConsentText:
    """The clinic's text on consent, or ours."""
    return consent.read(extensions.current().settings.consent_file)
