"""The draft of this request's browser, to be shown or changed, and what its pages need beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from intake.answers.document import StoredDocument
from intake.consultations.catalogue import FormMissing
from intake.consultations.rules import worded
from intake.patient import consent
from intake.patient.consent import ConsentText
from intake.patient.notices import GentleChecks
from intake.patient.texts import PlaceholderWords
from intake.questionnaire.burden import section_minutes
from intake.questionnaire.fhir_json import UnreadableResponse
from intake.questionnaire.journey import Progress, is_reached
from intake.questionnaire.model import Item
from intake.questionnaire.roles import ItemRole
from intake.records import drafts
from intake.records.drafts import DraftHandle
from intake.records.errors import AlreadySent, CannotOpen, DraftChanged, NoSuchDraft
from intake.records.sent import Sent
from intake.records.sessions import keep_alive
from intake.web import extensions, help_now, sessions
from intake.web.filters import day

T = TypeVar("T")

ATTEMPTS: Final = 5
"""How often a change is begun again because another window saved while it was worked out."""


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
    handle = _opened(session_token())
    sessions.current().found(handle.session)
    draft = read(handle)
    remember(draft)
    return draft, handle


def _opened(token: str) -> DraftHandle:
    with extensions.reading() as sql:
        return drafts.open(sql, token, now=extensions.now())


def form_in_browser() -> str | None:
    """A form that is `begun`, one that was `sent` or `withdrawn`, or none in this browser. The page has its
    country's numbers."""
    try:
        open_draft()
    except NoSuchDraft:
        return None
    except AlreadySent as error:
        return "withdrawn" if error.is_withdrawn else "sent"
    except (CannotOpen, FormMissing, UnreadableResponse):
        pass  # going on to it says what to do
    return "begun"


def change(act: Callable[[StoredDocument], tuple[StoredDocument, T]]) -> T:
    """What `act` answers for the draft of this browser, once the draft that it gives is kept.

    The draft is read without holding anybody up, and written in one short transaction that finds it as it was read
    (decision 0053); where another window saved in between, `act` is asked again about what that left. Raises what
    `open_draft` does, and DraftChanged where others save all the time.
    """
    token = session_token()
    for _ in range(ATTEMPTS):
        handle = _opened(token)
        before = read(handle)
        remember(before)
        after, answer = act(before)
        if after == before:
            sessions.current().found(handle.session)
            return answer
        with suppress(DraftChanged):
            _keep(after, handle, token)
            return answer
    raise DraftChanged


def _keep(draft: StoredDocument, handle: DraftHandle, token: str) -> None:
    assert handle.session is not None, "it was opened by its session"
    now, keep_days = extensions.now(), extensions.current().settings.draft_days
    with extensions.transaction() as sql:
        keep_alive(sql, handle.session, token, now=now)
        drafts.save(sql, handle, draft.to_document(), now=now, keep_days=keep_days)
    remember(draft)


def overdue(handle: DraftHandle) -> tuple[str, ...]:
    """A sentence for a draft that is kept past its date, until it is erased or saved again; none for any other."""
    due = handle.due_for_erasure_on
    if due is None or due >= extensions.now().date():
        return ()
    return (f"This form was kept until {day(due)}, and may be erased soon. Save a page, or send it, to keep it.",)


def remember(draft: StoredDocument) -> None:
    """Let the foot of this request's page have the numbers of the patient's country."""
    help_now.remember(next(iter(draft.role(ItemRole.COUNTRY).codes), None))


def gentle_checks() -> GentleChecks:
    """The checks of today."""
    return GentleChecks(extensions.current().settings.summary, extensions.today())


def words(draft: StoredDocument | None = None) -> PlaceholderWords:
    """What texts are filled in with; the numbers are those of the patient's country where it is known."""
    return PlaceholderWords(help_now.here(), consent_text().blocks, draft)


def about_how_long(draft: StoredDocument, page: Item, progress: Progress) -> str:
    """“about 2 minutes” where a section begins, by the model of its version; empty on any other page, and on one to
    which the patient comes again."""
    if not progress.begins or is_reached(draft.shown, page, draft.done):
        return ""
    published = extensions.current().forms.version(draft.questionnaire.canonical)
    usual, heavy = section_minutes(published).get(progress.section.link_id, (0, 0))
    if not usual:
        return ""
    if heavy > usual + 1:
        return f"about {usual} to {heavy} minutes"
    return f"about {usual} minutes" if usual > 1 else "about a minute"


def consent_text() -> ConsentText:
    """The clinic's text on consent, or ours."""
    return consent.read(extensions.current().settings.consent_file)
