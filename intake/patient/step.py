"""One step: the questions that are saved together, what the draft holds for them, and where they stand on the way."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from werkzeug.datastructures import MultiDict

from intake.answers import flat
from intake.answers.document import AsTyped, SentFrom, StoredDocument
from intake.forms.fields import BadForm
from intake.forms.typed import control_names, typed_from
from intake.patient import addresses
from intake.patient.addresses import FROM_CHECK, FROM_LIST
from intake.questionnaire.journey import first_field, newly_shown
from intake.questionnaire.model import Item
from intake.questionnaire.response import Entry, QuestionnaireResponse, new_entry_id
from intake.questionnaire.roles import ItemRole
from intake.questionnaire.values import NO_ANSWER, Answer

_SEEN: Final = re.compile(
    r"(?P<answers>[0-9a-f]{16})([0-9a-f]{16})?"
    r"(-(?P<mark>[0-9a-f]{16})(q(?P<asked>[0-9a-f]{1,100}))?(s(?P<filled>[0-9a-f]{1,100})v(?P<stood>[0-9a-f]{0,600}))?"
    r"(u(?P<unsaved>[0-9a-f]{1,100}))?)?(-[0-9a-f]{32})?"
)
"""What a form says of itself (`Step.seen`); one of an older version, at the end of it, whose it is."""
_MOMENT: Final = re.compile(r"\d{0,15}", re.ASCII)
"""When a form was sent, in milliseconds of its browser's clock, where its script says so."""
PRINT: Final = 6
"""Characters of the fingerprint of one question."""
_NOTHING: Final = "0" * 16
"""The fingerprint of the answers that a page which came in part does not say."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing of a page, as it was sent: a fingerprint of the answers that were saved then, its mark and when it
    was sent; of its questions those it asked, those whose words were not saved, and what `stood` in each that was not
    blank, as a short fingerprint. What it asked and does not send was left blank; what it did not ask is left alone."""

    answers: str
    by: SentFrom
    asked: frozenset[str]
    unsaved: frozenset[str]
    stood: Mapping[str, str]

    @property
    def mark(self) -> str:
        """Its own mark; empty of a page that came in part, or was drawn before there were any."""
        return self.by.mark

    @property
    def came_in_part(self) -> bool:
        """Whether the page broke off before its end, so that it says nothing of itself."""
        return self.answers == _NOTHING

    def touched(self, item: Item, sent: MultiDict[str, str]) -> bool:
        """Whether a question was filled in, changed or cleared on it."""
        held = {name: sent.getlist(name) for name in control_names(item)}
        return _print_of(item, held) != self.stood.get(item.link_id, "")


@dataclass(frozen=True)
class Step:
    """Questions that are saved together: a page's own, or those of one entry of its list: the first field, or the rest.

    `opened_from` says where its page leads back to, `adding` that it stands at the address where entries begin.
    """

    page: Item
    rows: Item | None = None
    entry_id: str = ""
    first: bool = False
    opened_from: str = ""
    adding: bool = False

    @property
    def key(self) -> str:
        """What the draft remembers it by: the entry's id, or the page's linkId."""
        return self.entry_id or self.page.link_id

    @property
    def from_check(self) -> str:
        """`check` if it was opened to change an answer on the check page, else empty."""
        return FROM_CHECK if self.opened_from == FROM_CHECK else ""

    @property
    def may_be_told_in_person(self) -> bool:
        """Whether the patient may skip it and tell the clinician (x-in-person); of a list, its page is left."""
        return self.page.in_person and self.rows is None

    @cached_property
    def questions(self) -> tuple[Item, ...]:
        """Every question that can ever stand here."""
        if self.rows is None:
            return tuple(self.page.questions())
        return tuple(item for item in self.rows.fields if (item is first_field(self.rows)) is self.first)

    @property
    def asks_consent(self) -> bool:
        """Whether the patient agrees here."""
        return any(item.role is ItemRole.CONSENT for item in self.questions)

    # -- what the draft holds for it -----------------------------------------------------------------------------------

    def entry(self, response: QuestionnaireResponse) -> Entry | None:
        """The entry as it is stored, an empty one before its first field is answered; None of a page."""
        if self.rows is None:
            return None
        return next((entry for entry in response.rows(self.rows.link_id) if entry.id == self.entry_id), Entry(self.key))

    def exists(self, draft: StoredDocument) -> bool:
        """Whether the entry is in its list."""
        return self.rows is not None and any(one.id == self.entry_id for one in draft.response.rows(self.rows.link_id))

    def has_room(self, draft: StoredDocument) -> bool:
        """Whether the list takes this entry: it is in it already, or x-max-rows is not reached."""
        most = self.rows.max_rows if self.rows is not None else None
        return most is None or self.exists(draft) or self.number(draft) <= most

    def number(self, draft: StoredDocument) -> int:
        """The entry's number from 1; of a new one, the one that it will have."""
        assert self.rows is not None, "only an entry has a number"
        ids = [entry.id for entry in draft.response.rows(self.rows.link_id)]
        return ids.index(self.entry_id) + 1 if self.entry_id in ids else len(ids) + 1

    def shown(self, draft: StoredDocument) -> tuple[Item, ...]:
        """The questions that stand here now."""
        entry = self.entry(draft.response)
        return tuple(item for item in self.questions if draft.shown.is_shown(item, entry))

    def answers(self, draft: StoredDocument) -> Mapping[str, Answer]:
        """The stored answers."""
        entry = self.entry(draft.response)
        return draft.response.answers if entry is None else entry.answers

    def with_answers(self, draft: StoredDocument, answers: Mapping[str, Answer]) -> StoredDocument:
        """The draft with these answers."""
        if self.rows is None:
            return draft.changed(response=draft.response.with_answers(answers))
        draft = draft.with_removed_again(self.entry_id)  # begun anew by going back: what it held stands there again
        return draft.changed(response=draft.response.with_entry(self.rows.link_id, self.entry_id, answers))

    def newly(self, before: StoredDocument, after: StoredDocument) -> list[Item]:
        """What a save enabled here: then the page is shown again, once.

        The first field of an entry enables the rest, which has its own page.
        """
        if self.first:
            return []
        old, new = self.entry(before.response), self.entry(after.response)
        return newly_shown(before.shown, after.shown, self.rows or self.page, old, new)

    def answers_stand(self, draft: StoredDocument) -> str:
        """A fingerprint of which questions stand here with which answers: a form carries it, so that none is
        overwritten unseen."""
        held = self.answers(draft)
        known = {item.link_id: held[item.link_id] for item in self.questions if item.link_id in held}
        return _mark([[item.link_id for item in self.shown(draft)], flat.write_answers(draft.questionnaire, known)])

    def seen(self, draft: StoredDocument) -> str:
        """What a form that is drawn now says of itself, in a hidden field."""
        shown = {item.link_id for item in self.shown(draft)}
        stood = {link_id: known for link_id, known in self.stands(draft).items() if link_id in shown}
        asked, filled, unsaved = (f"{self._bits(these):x}" for these in (shown, stood, self._unsaved(draft) & shown))
        return (
            f"{self.answers_stand(draft)}-{secrets.token_hex(8)}q{asked}s{filled}v{''.join(stood.values())}u{unsaved}"
        )

    def drawing_of(self, draft: StoredDocument, sent: MultiDict[str, str], *, pressed: bool = False) -> Drawing:
        """The inverse of `seen`; `pressed` says that a button sent it. What a form does not say, as one of an older
        version, is what stands here now. Raises BadForm."""
        found, moment = _SEEN.fullmatch(sent.get("seen", _NOTHING)), _MOMENT.fullmatch(sent.get("sent-at", ""))
        if found is None or moment is None:
            raise BadForm("the page's own mark is altered")
        shown = frozenset(item.link_id for item in self.shown(draft)) if "seen" in sent else frozenset()
        return Drawing(
            found["answers"],
            SentFrom(found["mark"] or "", int(moment[0] or 0), pressed),
            asked=self._these(found["asked"], shown),
            unsaved=self._these(found["unsaved"], frozenset()),
            stood=self._stood(draft, found),
        )

    def stands(self, draft: StoredDocument) -> Mapping[str, str]:
        """A short fingerprint of what stands in each question that is not blank, saved or not, in their order."""
        held, kept = self.answers(draft), draft.as_typed.get(self.key, AsTyped())
        prints = (
            _print_of(item, kept.values if item.link_id in kept.link_ids else typed_from(item, answer).values)
            for item in self.questions
            for answer in (held.get(item.link_id, NO_ANSWER),)
        )
        return {item.link_id: known for item, known in zip(self.questions, prints, strict=True) if known}

    def _stood(self, draft: StoredDocument, found: re.Match[str]) -> Mapping[str, str]:
        """The inverse of `stands`, as a form says it. Raises BadForm."""
        if (prints := found["stood"]) is None:  # an older form, which has not seen what is kept as it was typed
            unchanged = found["answers"] == self.answers_stand(draft) and self.key not in draft.as_typed
            return self.stands(draft) if unchanged else {}
        held = self._these(found["filled"], frozenset())
        filled = [item.link_id for item in self.questions if item.link_id in held]
        known = [prints[start : start + PRINT] for start in range(0, len(prints), PRINT)]
        if len(filled) != len(known):
            raise BadForm("the page's own mark is altered")
        return dict(zip(filled, known, strict=True))

    def _unsaved(self, draft: StoredDocument) -> frozenset[str]:
        """The questions at which something is kept as it was typed."""
        kept = draft.as_typed.get(self.key)
        return frozenset(kept.link_ids if kept is not None else ())

    def _bits(self, link_ids: Collection[str]) -> int:
        return sum(1 << place for place, item in enumerate(self.questions) if item.link_id in link_ids)

    def _these(self, bits: str | None, otherwise: frozenset[str]) -> frozenset[str]:
        if bits is None:
            return otherwise
        held = int(bits, 16)
        return frozenset(item.link_id for place, item in enumerate(self.questions) if held >> place & 1)

    # -- where it stands on the way ------------------------------------------------------------------------------------

    @property
    def here(self) -> str:
        """Its address."""
        if self.rows is None:
            return addresses.page(self.page.link_id, opened_from=self.from_check)
        if self.adding:
            return new_entry_at(self.page, self.rows, self.entry_id, opened_from=self.opened_from)
        return self.of_entry("start" if self.first else "")

    @property
    def hidden_fields(self) -> Mapping[str, str]:
        """What its form carries of where it stands."""
        origin = self.from_check if self.rows is None else self.opened_from
        begun = {"list": self.rows.link_id, "entry": self.entry_id} if self.adding and self.rows is not None else {}
        return ({"from": origin} if origin else {}) | begun

    def of_entry(self, part: str) -> str:
        """The address of the entry's first field (`start`), of the rest (empty), or of removing it (`remove`)."""
        parts = (self.entry_id, part) if part else (self.entry_id,)
        return addresses.page(self.page.link_id, *parts, opened_from=self.opened_from)

    def changed_at(self, draft: StoredDocument) -> str:
        """The address to change the entry: the rest of it, or its first field where it has no more."""
        return self.of_entry("" if replace(self, first=False).shown(draft) else "start")

    def to_entry(self, draft: StoredDocument, entry_id: str, part: str) -> str:
        """From a page to an entry of its list, to change it or, with `part`, to remove it; from the rest of an entry to
        its first field. Here again where the entry is not there (any more)."""
        found = draft.response.entry(entry_id)
        rows = list_on(draft, self.page, found[0]) if found else None
        if rows is None:
            return self.here
        if self.rows is not None:
            return self.of_entry("start")
        entry = Step(self.page, rows, entry_id, True, self.from_check and FROM_LIST)
        return entry.of_entry(part) if part else entry.changed_at(draft)

    def back(self, draft: StoredDocument) -> str:
        """Where "Back" leads."""
        if self.from_check:
            return addresses.CHECK
        if self.rows is None:
            before = draft.journey.previous_page(self.page)
            return addresses.page(before.link_id) if before else addresses.RESUME_CODE
        return self.list_at(self.entry_id if self.exists(draft) else "") if self.first else self.of_entry("start")

    def onward(self, draft: StoredDocument) -> str:
        """What follows: from an entry's first field the rest, from there the list, or the check page if the entry was
        opened there; from a page the next, on the way back to the check page only those that are not done yet."""
        if self.rows is not None:
            if self.first and self.exists(draft) and replace(self, first=False).shown(draft):
                return self.of_entry("")
            if not self.from_check:
                return self.list_at(self.entry_id if self.exists(draft) else self.rows.link_id)
        on = draft.journey.first_undone_after(self.page) if self.from_check else draft.journey.next_page(self.page)
        if on is draft.questionnaire.check:
            return addresses.CHECK
        return addresses.page(on.link_id, opened_from=self.from_check)

    def another(self, draft: StoredDocument) -> str:
        """The address of the entry after this one; empty where the list takes no more."""
        following = replace(self, entry_id=new_entry_id(), first=True)
        if self.rows is None or self.first or not following.has_room(draft):
            return ""
        return new_entry_at(self.page, self.rows, following.entry_id, opened_from=self.opened_from)

    def list_at(self, at: str) -> str:
        """The page's address, opened at an entry of its list, or at the list."""
        return addresses.page(self.page.link_id, at=at, opened_from=self.opened_from and FROM_CHECK)

    def added_to(self, draft: StoredDocument, list_link_id: str) -> str:
        """The address of a new entry; its id stands there, so that going back and on again makes one entry.

        Raises BadForm where no such list stands.
        """
        if self.rows is not None or not any(rows.link_id == list_link_id for rows in self.page.lists()):
            raise BadForm("add names no list of this page")
        if list_on(draft, self.page, list_link_id) is None:  # this very save took the list away
            return self.here
        rows = draft.questionnaire.item(list_link_id)
        return new_entry_at(self.page, rows, new_entry_id(), opened_from=self.from_check and FROM_LIST)


def _print_of(item: Item, values: Mapping[str, Iterable[str]]) -> str:
    """A short fingerprint of what stands in a question's controls, however a browser writes it; empty if nothing does.

    Two in 16 million are alike: what was typed then counts as untouched where another window saved something else.
    """
    held = {
        name: sorted(one.replace("\r\n", "\n").strip() for one in values.get(name, ())) for name in control_names(item)
    }
    held = {name: those for name, several in held.items() if (those := [one for one in several if one])}
    return _mark(held)[:PRINT] if held else ""


def _mark(of: object) -> str:
    return hashlib.sha256(json.dumps(of).encode()).hexdigest()[:16]


def new_entry_at(page: Item, rows: Item, entry_id: str, *, opened_from: str = "") -> str:
    """The address where an entry begins."""
    return addresses.page(page.link_id, "add", list=rows.link_id, entry=entry_id, opened_from=opened_from)


def list_on(draft: StoredDocument, on: Item, list_link_id: str) -> Item | None:
    """The list of this linkId if it stands on the page now."""
    return next((rows for rows in draft.shown.lists_in(on) if rows.link_id == list_link_id), None)
