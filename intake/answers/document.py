"""The one owner of the stored document: a patient's form, draft or sent, as typed objects and as the JSON that is kept.

Format 2 keeps answers flat (`intake.answers.flat`). Format 1, which bore no number, kept them as a FHIR
QuestionnaireResponse, and is read as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final, TypeVar

from intake.answers import flat
from intake.questionnaire.absence import Absences, PagesVisited
from intake.questionnaire.enable_when import Shown
from intake.questionnaire.fhir_json import UnreadableResponse, response_from_json
from intake.questionnaire.journey import Journey
from intake.questionnaire.model import AnswerOption, Item, Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import NO_ANSWER, Answer

Json = dict[str, Any]
T = TypeVar("T")

FORMAT: Final = 2
"""The shape that is written; a changed shape has a new number."""
MOST_KEPT: Final = 200
"""Of how many steps what was typed is kept, and how many removed entries: more than any patient leaves, fewer than a
program that means ill; the oldest go."""
MOST_TYPED: Final = 1_000_000
"""Characters of what was typed and is no answer yet, of a whole form; the oldest steps go."""
MOST_PAGES: Final = 4
"""Of how many pages is known that they saved a step, or sent the same words."""
OF_A_DRAFT: Final = ("correction", "notices", "resume_code", "focus", "remarks", "as_typed", "removed", "saved_by")
"""What a document says of how it is filled in: sending drops it."""


class UnknownFormat(UnreadableResponse):
    """The document is of a format that this program does not know: a newer one wrote it."""


@dataclass(frozen=True)
class Notices:
    """Which gentle checks were shown: each once on its page and once on the check page (clinical.md 2.5).

    `page` and `check` hold the keys of notices that need not be shown again, `waiting` those that stand on a page or on
    an entry's page until they are answered, by the page's linkId or the entry's id.
    """

    page: frozenset[str] = frozenset()
    check: frozenset[str] = frozenset()
    waiting: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def raised(self, step: str, keys: Iterable[str]) -> Notices:
        """The same with these notices waiting at a step, and counted as shown."""
        keys = tuple(keys)
        others = {name: held for name, held in self.waiting.items() if name != step}
        return replace(self, page=self.page | set(keys), waiting=others | ({step: keys} if keys else {}))

    def kept_on_check(self, key: str) -> Notices:
        """The same with one notice answered on the check page."""
        return replace(self, check=self.check | {key})

    def to_document(self) -> Json:
        """As JSON."""
        waiting = {step: list(keys) for step, keys in self.waiting.items()}
        return {"page": sorted(self.page), "check": sorted(self.check), "waiting": waiting}

    @classmethod
    def from_document(cls, document: Json) -> Notices:
        """The inverse of `to_document`."""
        waiting = {step: tuple(keys) for step, keys in document.get("waiting", {}).items()}
        return cls(frozenset(document.get("page", ())), frozenset(document.get("check", ())), waiting)


@dataclass(frozen=True, slots=True)
class Agreement:
    """That a text was agreed to: its version, when, and in which language it was shown (clinical.md 2.3)."""

    version: str
    at: datetime
    language: str


@dataclass(frozen=True, slots=True)
class Focus:
    """Where a page is to be opened when it is shown again: the step's key and the questions in question there."""

    step: str = ""
    link_ids: tuple[str, ...] = ()

    def at(self, step: str) -> tuple[str, ...]:
        """The questions, if the step is that one."""
        return self.link_ids if step == self.step else ()


@dataclass(frozen=True, slots=True)
class SentFrom:
    """The drawn page that something came from: its mark, when its script says that it was sent, in milliseconds of that
    browser's clock (0 where nothing says so), and whether a button sent it, and not the script by itself."""

    mark: str
    at: int = 0
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class SavedBy:
    """The drawn page that saved a step last, and the questions that it saved, which is not all where another window had
    changed the rest; and the last pages that saved it `before`."""

    page: SentFrom
    link_ids: frozenset[str] = frozenset()
    before: tuple[SentFrom, ...] = ()

    def sent(self, mark: str) -> SentFrom | None:
        """What the page of this mark sent that saved the step; None if it did not."""
        return next((one for one in (self.page, *self.before) if one.mark == mark), None)

    def after(self, earlier: SavedBy | None) -> SavedBy:
        """The same, known to follow on an earlier save."""
        pages = (earlier.page, *earlier.before) if earlier is not None else ()
        others = [one for one in pages if one.mark != self.page.mark]
        return replace(self, before=tuple(others[:MOST_PAGES]))


@dataclass(frozen=True, slots=True)
class AsTyped:
    """What was typed at a step and is no answer yet: the questions it stands at, and the values in their controls.

    `asked` says that the patient wanted to go on, so that the page asks for what is required. `by` has the pages from
    which the words of each question came, where that is known: one that sends on what it found there is one of them.
    """

    link_ids: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: bool = False
    by: Mapping[str, tuple[SentFrom, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many characters it holds."""
        return sum(len(value) for held in self.values.values() for value in held)


@dataclass(frozen=True, slots=True)
class Correction:
    """Which sent response a draft corrects: its id, the revision of it that the patient began with or saw last, and the
    records' word that it does (`records.drafts.CORRECTION`)."""

    id: str
    seen: int
    mac: str


@dataclass(frozen=True, slots=True)
class RemovedEntry:
    """An entry that was taken out of its list, and where it stood there."""

    list_link_id: str
    position: int
    entry: Entry


@dataclass(frozen=True)
class StoredDocument:
    """One patient's form: answers, the pages saved (`done`) or to be told in person, the notices seen, the agreement.

    `remarks` are sentences about how the last save was read, such as “We wrote 8 weeks.”: they stand until the next.
    Until it is sent it keeps what was typed and is no answer, what was removed, and which drawn page saved each step
    last. These go by a step's key: an entry's id, or its page's linkId.
    Every change is a new value. What is shown is looked up once for it, however many ask.
    """

    questionnaire: Questionnaire
    response: QuestionnaireResponse
    done: frozenset[str] = frozenset()
    in_person: frozenset[str] = frozenset()
    notices: Notices = Notices()
    agreement: Agreement | None = None
    resume_code: str = ""
    focus: Focus = Focus()
    remarks: tuple[str, ...] = ()
    as_typed: Mapping[str, AsTyped] = field(default_factory=dict)
    removed: tuple[RemovedEntry, ...] = ()
    saved_by: Mapping[str, SavedBy] = field(default_factory=dict)
    correction: Correction | None = None

    @classmethod
    def new(cls, questionnaire: Questionnaire) -> StoredDocument:
        """An empty form of this version."""
        return cls(questionnaire, QuestionnaireResponse(questionnaire.canonical, language=questionnaire.language))

    @cached_property
    def shown(self) -> Shown:
        """What the answers show."""
        return Shown(self.questionnaire, self.response)

    @cached_property
    def journey(self) -> Journey:
        """This patient's way."""
        return Journey(self.questionnaire, self.response, self.done, shown=self.shown)

    @property
    def way(self) -> PagesVisited:
        """How far the patient came."""
        return PagesVisited(self.done, self.in_person)

    @cached_property
    def absences(self) -> Absences:
        """Why what has no answer has none."""
        return Absences(self.shown, self.way)

    def to_be_corrected(self) -> StoredDocument:
        """A draft that begins with what was sent: all is as it was but what the check page asks, which is asked
        again."""
        check = self.questionnaire.check
        blank = {item.link_id: NO_ANSWER for item in check.questions()}
        response = replace(self.response.with_answers(blank), status="in-progress", authored=None)
        return self.changed(response=response, done=self.done - {check.link_id})

    def role(self, role: ItemRole) -> Answer:
        """The answer to the question of this role; no answer if the form has none."""
        item = self.questionnaire.by_role.get(role)
        return NO_ANSWER if item is None else self.response.answer(item.link_id)

    def option(self, role: ItemRole) -> AnswerOption | None:
        """The first option chosen in the question of this role."""
        codes = self.role(role).codes
        return self.questionnaire.by_role[role].option_by_code.get(codes[0]) if codes else None

    def changed(self, **changes: Any) -> StoredDocument:
        """The same with other values; what is known of the answers stays known where they stay."""
        after = replace(self, **changes)
        if after.response is self.response and after.questionnaire is self.questionnaire:
            after.__dict__["shown"] = self.shown
        return after

    def with_done(self, page: Item) -> StoredDocument:
        """The same with this page done."""
        return self.changed(done=self.done | {page.link_id})

    def told_in_person(self, page: Item) -> StoredDocument:
        """The same with this page done, what it asks to be told in person."""
        return self.with_done(page).changed(in_person=self.in_person | {page.link_id})

    def with_as_typed(self, step: str, typed: AsTyped | None, *, by: SavedBy) -> StoredDocument:
        """The same with what is no answer yet at a step, written by this drawn page."""
        saved = by.after(self.saved_by.get(step)) if by.page.mark else None
        return self.with_half_typed(step, typed).changed(saved_by=_newest(self.saved_by, step, saved))

    def with_half_typed(self, step: str, typed: AsTyped | None) -> StoredDocument:
        """The same with what an open page sent by itself: no save of that page."""
        kept = dict(_newest(self.as_typed, step, typed))
        while sum(one.size for one in kept.values()) > MOST_TYPED:
            del kept[next(iter(kept))]
        return self.changed(as_typed=kept)

    def is_left_open(self, step: str) -> bool:
        """Whether something at a step was sent by no button, and from another page than the one that saved it last: as
        a rule one that is still open."""
        kept, saved = self.as_typed.get(step), self.saved_by.get(step, SavedBy(SentFrom("")))
        pages = [one for several in kept.by.values() for one in several] if kept is not None else []
        return any(not one.pressed and one.mark != saved.page.mark for one in pages)

    def without_entry(self, list_link_id: str, entry_id: str) -> StoredDocument:
        """The same without an entry, which can be put back."""
        ids = [entry.id for entry in self.response.rows(list_link_id)]
        position = ids.index(entry_id)
        removed = RemovedEntry(list_link_id, position, self.response.rows(list_link_id)[position])
        response = self.response.without_entry(list_link_id, entry_id)
        return self.changed(response=response, removed=(*self.removed, removed)[-MOST_KEPT:])

    def with_removed_again(self, entry_id: str) -> StoredDocument:
        """The same with a removed entry where it stood, as it was last; the same as it is if there is none, or no room
        for it."""
        found = next((one for one in reversed(self.removed) if one.entry.id == entry_id), None)
        if found is None or self.response.entry(entry_id) is not None:
            return self
        rows, most = self.response.rows(found.list_link_id), self.questionnaire.item(found.list_link_id).max_rows
        if most is not None and len(rows) >= most:
            return self
        response = self.response.with_rows(
            found.list_link_id, (*rows[: found.position], found.entry, *rows[found.position :])
        )
        return self.changed(response=response, removed=tuple(one for one in self.removed if one is not found))

    def to_document(self) -> Json:
        """As JSON, hidden answers included."""
        document: Json = {
            "format": FORMAT,
            "questionnaire": self.response.questionnaire,
            "language": self.response.language,
            "answers": flat.write_answers(self.questionnaire, self.response.answers),
            "entries": flat.write_entries(self.questionnaire, self.response.entries),
            "done": sorted(self.done),
            "in_person": sorted(self.in_person),
            "correction": None if self.correction is None else list(astuple(self.correction)),
            "notices": self.notices.to_document(),
            "resume_code": self.resume_code,
            "focus": [self.focus.step, list(self.focus.link_ids)],
            "remarks": list(self.remarks),
            "as_typed": {
                key: [
                    list(one.link_ids),
                    {name: list(held) for name, held in one.values.items()},
                    one.asked,
                    {link_id: [_written(by) for by in several] for link_id, several in one.by.items()},
                ]
                for key, one in self.as_typed.items()
            },
            "removed": [
                [
                    one.list_link_id,
                    one.position,
                    one.entry.id,
                    flat.write_answers(self.questionnaire, one.entry.answers),
                ]
                for one in self.removed
            ],
            "saved_by": {
                key: [_written(by.page), sorted(by.link_ids), [_written(one) for one in by.before]]
                for key, by in self.saved_by.items()
            },
        }
        if (agreed := self.agreement) is not None:
            document["consent"] = {"version": agreed.version, "at": agreed.at.isoformat(), "language": agreed.language}
        return document

    def to_sent_document(self, authored: datetime) -> Json:
        """As JSON, once it is sent: the answers to shown questions alone, and nothing of how it was filled in."""
        document = replace(self, response=self.shown.without_hidden().response).to_document()
        for of_a_draft in OF_A_DRAFT:
            del document[of_a_draft]
        status = "completed" if self.correction is None else "amended"
        return document | {"status": status, "authored": authored.isoformat()}

    @classmethod
    def from_document(cls, document: Json, questionnaire: Questionnaire) -> StoredDocument:
        """The inverse of both, of either format; the questionnaire is the version that it was begun with.

        Raises UnreadableResponse, UnknownFormat among them.
        """
        read = _READ.get(document.get("format", 1))
        if read is None:
            raise UnknownFormat(f"format {document['format']!r} is not known")
        try:
            response = read(document, questionnaire)
            everywhere = (page.link_id for page in questionnaire.pages) if response.status == "completed" else ()
            consent = document.get("consent")
            step, link_ids = document.get("focus", ("", ()))
            return cls(
                questionnaire,
                response,
                # where a sent document does not say which pages were saved, all count as reached
                done=frozenset(document.get("done", everywhere)),
                in_person=frozenset(document.get("in_person", ())),
                notices=Notices.from_document(document.get("notices", {})),
                agreement=None
                if consent is None
                else Agreement(**consent | {"at": datetime.fromisoformat(consent["at"])}),
                resume_code=document.get("resume_code", ""),
                focus=Focus(step, tuple(link_ids)),
                remarks=tuple(document.get("remarks", ())),
                as_typed={
                    key: AsTyped(tuple(link_ids), {name: tuple(held) for name, held in values.items()}, asked, _by(*by))
                    for key, (link_ids, values, asked, *by) in document.get("as_typed", {}).items()
                },
                removed=tuple(
                    RemovedEntry(name, position, Entry(id, flat.read_answers(questionnaire, kept)))
                    for name, position, id, kept in document.get("removed", ())
                ),
                saved_by={key: _saved_by(one) for key, one in document.get("saved_by", {}).items()},
                correction=Correction(*document["correction"]) if document.get("correction") else None,
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            raise UnreadableResponse("something in a stored document cannot be read") from None

    @classmethod
    def as_kept(cls, document: Json, questionnaire: Questionnaire) -> tuple[QuestionnaireResponse, PagesVisited]:
        """The answers of a sent document, checked and left as they are kept, and the patient's way: for an export,
        which makes no use of objects (`flat.kept_response`). Raises UnreadableResponse."""
        if document.get("format") != FORMAT or document.get("questionnaire") != questionnaire.canonical:
            document = cls.from_document(document, questionnaire).to_document()
        try:
            response = flat.kept_response(questionnaire, document["answers"], document["entries"])
            return response, PagesVisited(frozenset(document["done"]), frozenset(document["in_person"]))
        except (AttributeError, KeyError, TypeError, ValueError):
            raise UnreadableResponse("something in a stored document cannot be read") from None


def _newest(kept: Mapping[str, T], step: str, value: T | None) -> Mapping[str, T]:
    """The same with this value for a step, none if it is None; no more than are kept."""
    others = {key: one for key, one in kept.items() if key != step} | ({} if value is None else {step: value})
    return dict(list(others.items())[-MOST_KEPT:])


def _written(by: SentFrom) -> list[Any]:
    return [by.mark, by.at, by.pressed]


def _saved_by(kept: Any) -> SavedBy:
    """Until decision 0073 it was the mark alone."""
    if isinstance(kept, str):
        return SavedBy(SentFrom(kept, pressed=True))
    page, link_ids, before = kept
    return SavedBy(SentFrom(*page), frozenset(link_ids), tuple(SentFrom(*one) for one in before))


def _by(marks: Any = None) -> Mapping[str, tuple[SentFrom, ...]]:
    """Not known of documents from before decision 0072, which had one mark a step or none; one a question then."""
    held = marks.items() if isinstance(marks, dict) else ()
    return {key: (SentFrom(of),) if isinstance(of, str) else tuple(SentFrom(*one) for one in of) for key, of in held}


def _flat(document: Json, questionnaire: Questionnaire) -> QuestionnaireResponse:
    if document["questionnaire"] != questionnaire.canonical:
        raise UnreadableResponse(f"this is no response to {questionnaire.canonical}")
    return QuestionnaireResponse(
        questionnaire.canonical,
        status=document.get("status", "in-progress"),
        language=document["language"],
        authored=datetime.fromisoformat(document["authored"]) if "authored" in document else None,
        answers=flat.read_answers(questionnaire, document["answers"]),
        entries=flat.read_entries(questionnaire, document["entries"]),
    )


_READ: Final[Mapping[int, Callable[[Json, Questionnaire], QuestionnaireResponse]]] = {
    1: lambda document, questionnaire: response_from_json(questionnaire, document["response"]),
    FORMAT: _flat,
}
"""What reads the answers of a document, by its format."""
