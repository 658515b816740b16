"""Patients who do everything in any order, on tabs and devices, beside a plain dict of what they typed: a state machine
that stops as soon as something typed stands nowhere any more.

What is looked at is what is kept (the draft, opened by its code) and the page that a patient is left with, never how
the program came there. A version of an answer may go when somebody who saw it typed another, and not before.

A step keeps one version of a question that is not saved. Where a window that saw neither types a third one, the second
goes, and the page says what it was (`Walk.hole`).
"""

from __future__ import annotations

from collections.abc import Container
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import text

from intake.records import drafts
from intake.records.database import reading, transaction
from tests.databases import Database
from tests.patient.visitor import Visitor
from tests.questionnaire.forms import CHECK, HEAD, page, question
from tests.staffroom import House, build
from tests.walker import browser

OURS: Final = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
MOST_ENTRIES: Final = 3
WINDOWS: Final = 4
DEVICES: Final = 2

Controls = dict[str, list[str]]
Version = tuple[str, ...]
"""One version of an answer: `("is", …)` what it is read as, `("raw", …)` what was typed where that is no answer."""


# -- the form ----------------------------------------------------------------------------------------------------------


def _options(*codes: str) -> str:
    return "[" + ", ".join(f"{{code: {code}, display: Option {code}}}" for code in codes) + "]"


def _form() -> str:
    asks = "[{question: gate, operator: '=', answerCoding: open}]"
    some = "\n    - {question: med-kind, operator: '=', answerCoding: other-kind}"
    rows = "\n".join(
        [
            "- linkId: medicines",
            "  type: group",
            "  text: Medicines",
            "  x-kind: rows",
            "  x-row-label: Medicine",
            "  x-add-label: Add another",
            "  repeats: true",
            f"  x-max-rows: {MOST_ENTRIES}",
            f"  enableWhen: {asks}",
            "  item:",
        ]
    )
    fields = (
        question("med-name", x_row_required="true"),
        question("med-kind", "choice", answerOption=_options("pill", "other-kind")),
        question("med-what", enableWhen=some),
        question("med-since", "date", x_partial_date="true"),
    )
    listed = rows + "\n" + "".join(f"    {line}\n" for one in fields for line in one.splitlines())
    pages = (
        page("page-words", question("line") + question("words", "text") + question("weeks", "integer", x_min="0")),
        page(
            "page-gate",
            question("gate", "choice", answerOption=_options("open", "shut"))
            + question("inside", enableWhen=asks)
            + question("day", "date", x_partial_date="true", enableWhen=asks)
            + question("likes", "open-choice", repeats="true", answerOption=_options("sun", "rain")),
        ),
        page("page-behind", question("behind", "text", enableWhen=asks) + question("beside", enableWhen=asks)),
        page("page-list", question("before-list") + listed),
    )
    return HEAD + "".join(pages) + CHECK


FORM: Final = _form()
PAGES: Final = {
    "page-words": ("line", "words", "weeks"),
    "page-gate": ("gate", "inside", "day", "likes"),
    "page-behind": ("behind", "beside"),
    "page-list": ("before-list",),
}
TEXTS: Final = ("line", "words", "inside", "behind", "beside", "before-list", "med-name", "med-what")
DATES: Final = ("day", "med-since")
OPENINGS: Final = ("med-name",)
CODES: Final = {"gate": ("open", "shut"), "med-kind": ("pill", "other-kind")}
NUMBERS: Final = {"7": 7, " 12 ": 12, "٣٤": 34, "0": 0, "12": 12, "34": 34}
DAYS: Final = {
    ("3", "March", "2019"): "2019-03-03",
    ("3", "3", "2019"): "2019-03-03",
    ("", "Sept.", "2001"): "2001-09",
    ("", "9", "2001"): "2001-09",
    ("", "", "1999"): "1999",
    ("", "Mai", "2001"): "2001-05",
    ("", "5", "2001"): "2001-05",
}
BAD_NUMBERS: Final = ("about eight", "8 or 9", "-1", "٣ weeks")
BAD_DAYS: Final = (
    ("31", "2", "2019"),
    ("", "Floréalmonat", "2001"),
    ("5", "", "2001"),
    ("1", "1", ""),
    ("", "", "last year"),
)
SIGNS: Final = ("", " é̂ ", "<b>&amp;\"'", "\r\n\t", "‮שלום", "🤰🏽", "{{7*7}}%s", "\x03")
"""Put into texts; the last cannot be shown, and a line holds no line break."""


def names_of(asked: str) -> tuple[str, ...]:
    """The names of a question's controls."""
    if asked in DATES:
        return tuple(f"{asked}.{part}" for part in ("day", "month", "year"))
    return (asked, f"{asked}.other") if asked == "likes" else (asked,)


def version_of(asked: str, held: Controls) -> Version | None:
    """What stands in a question's controls, as the tables here read it; None if nothing does."""
    typed = {name: [one for one in held.get(name, []) if one] for name in names_of(asked)}
    if not any(typed.values()):
        return None
    raw = ("raw", *(f"{name}={value}" for name, values in sorted(typed.items()) for value in values))
    if asked in TEXTS:
        words = typed[asked][0].replace("\r\n", "\n")
        return raw if "\x03" in words or ("\n" in words and asked not in ("words", "behind")) else ("is", words)
    if asked == "weeks":
        return ("is", str(NUMBERS[typed[asked][0]])) if typed[asked][0] in NUMBERS else raw
    if asked in DATES:
        parts = tuple("".join(typed[name]) for name in names_of(asked))
        return ("is", DAYS[parts]) if parts in DAYS else raw
    if asked == "likes":
        own = "".join(typed["likes.other"])
        if "other" in typed["likes"] and not own:
            return raw
        return ("is", *sorted({*typed["likes"], *([f"other={own}"] if own else [])} - {"other"}))
    return ("is", typed[asked][0])


def kept_as(asked: str, json: Any) -> Version | None:
    """The same of a stored answer."""
    if json is None:
        return None
    if asked == "likes":
        several = json if isinstance(json, list) else [json]
        return ("is", *sorted(f"other={one['own']}" if isinstance(one, dict) else one for one in several))
    return ("is", str(json))


# -- what a window shows -----------------------------------------------------------------------------------------------


@dataclass
class Drawing:
    """A page of questions as it was drawn once: where it is sent, what stands on it, which versions were seen there."""

    action: str
    key: str
    sends: Controls
    seen: dict[str, set[Version]]
    unsaved: dict[str, Version] = field(default_factory=dict)
    fresh: dict[str, Controls] = field(default_factory=dict)
    drawn: dict[str, Version | None] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    both: set[str] = field(default_factory=set)

    def changed(self, asked: str) -> bool:
        """Whether something else was typed than what stood there, now or when it was sent before."""
        return asked in self.fresh and (
            asked in self.sent or version_of(asked, self.fresh[asked]) != self.drawn.get(asked)
        )

    @property
    def asked(self) -> list[str]:
        """The questions on it."""
        return list(self.seen)

    def typed(self) -> dict[str, Controls]:
        """What would be sent, by question."""
        return {one: {name: self.sends[name] for name in names_of(one) if name in self.sends} for one in self.asked}


@dataclass
class Window:
    """A tab: its browser, what it draws, and the drawings to which the browser's Back leads."""

    visitor: Visitor
    device: int
    now: Drawing | None = None
    before: list[Drawing] = field(default_factory=list)
    carries: Drawing | None = None


class Lost(AssertionError):
    """Something that was typed stands nowhere."""


@dataclass
class Clinic:
    """The one installation that all walks of a test go through."""

    database: Database
    house: House

    @classmethod
    def opened(cls, database: Database) -> Clinic:
        """Built on a database, with our form."""
        folder = database.instance / "questionnaires"
        folder.mkdir()
        (folder / "tiny.yaml").write_text(FORM, encoding="utf-8")
        return cls(database, _built(database))

    def restart(self) -> None:
        """The process ends, and another begins on the same database."""
        self.house.intake.engine.dispose()
        self.house = _built(self.database)


def _built(database: Database) -> House:
    return build(database, INTAKE_QUESTIONNAIRE="tiny")


class Door(httpx.BaseTransport):
    """The way into whatever application runs now."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answered by the application that runs now."""
        return httpx.WSGITransport(app=self.clinic.house.app).handle_request(request)


ASKED: Final = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), min_size=1, max_size=3)
ANY: Final = st.integers(0, 99)
BUTTONS: Final = st.sampled_from(["", "", "", "back", "later", "next", "twice"])
CUTS: Final = st.sampled_from(["", "", "", "", "request", "reply"])


class Walk(RuleBasedStateMachine):
    """One form. `model` is the plain dict: of each step and question the versions that must stand, and those that may
    besides; of entries, which are listed and which were removed."""

    clinic: Clinic

    def __init__(self) -> None:
        super().__init__()
        self.devices = [self.client() for _ in range(DEVICES)]
        self.words = self.moment = 0
        self.model: dict[str, Any] = {"must": {}, "may": {}, "listed": set(), "removed": set()}
        self.windows = [Window(Visitor(self.devices[0]), 0)]
        visitor = self.windows[0].visitor.start()
        self.code = visitor.code
        self.look(self.windows[0])

    def client(self) -> httpx.Client:
        """A browser that says where its forms come from, as browsers do."""
        client = browser("http://localhost")
        client._transport = Door(self.clinic)
        client._mounts = {}
        client.headers.update(OURS)
        return client

    def teardown(self) -> None:
        """Everything once more, as the patient finds it who comes with her code; then the browsers are closed."""
        try:
            self.check()
        finally:
            for client in self.devices:
                client.close()

    # -- looking -------------------------------------------------------------------------------------------------------

    def document(self) -> dict[str, Any]:
        """The draft as it is kept, opened by the code."""
        intake = self.clinic.house.intake
        with reading(intake.engine) as sql:
            found = drafts.find_by_code(sql, intake.keyring, self.code)
            assert found is not None, "the code opens nothing"
            return dict(drafts.open_with_code(sql, found.id, self.code).document)

    @staticmethod
    def stored(document: dict[str, Any], key: str) -> dict[str, Any]:
        """The stored answers of a step, those of an entry that was removed among them."""
        listed = {id: held for rows in document["entries"].values() for id, held in rows}
        removed = {id: held for _, _, id, held in document["removed"]}
        return dict(document["answers"] if key in PAGES else removed.get(key, {}) | listed.get(key, {}))

    def standing(self, document: dict[str, Any], key: str, asked: str) -> tuple[Version | None, Version | None]:
        """What is stored of a question, and what is kept of it as it was typed."""
        link_ids, values, *_ = document["as_typed"].get(key, [[], {}, False])
        typed = version_of(asked, values) if asked in link_ids else None
        return kept_as(asked, self.stored(document, key).get(asked)), typed

    def check(self) -> None:
        """The draft holds the model, and nothing else."""
        document = self.document()
        for key, questions in self.model["must"].items():
            for asked, versions in questions.items():
                stand = set(self.standing(document, key, asked)) - {None}
                if missing := versions - stand:
                    raise Lost(f"{key}, {asked}: {sorted(missing)} is gone, {stand} stands")
                if more := stand - versions - self.model["may"][key][asked]:
                    raise Lost(f"{key}, {asked}: {more} stands and was never typed there")
        ids = [id for rows in document["entries"].values() for id, _ in rows]
        removed = [id for _, _, id, _ in document["removed"]]
        if sorted(ids) != sorted(self.model["listed"]):
            raise Lost(f"listed are {ids}, and should be {self.model['listed']}")
        if not self.model["removed"] <= set(removed):
            raise Lost(f"removed are {removed}, and should be {self.model['removed']}")

    def look(self, window: Window) -> None:
        """Note what the window shows now."""
        visitor = window.visitor
        if window.now is not None:
            window.before = [*window.before, window.now][-3:]
        window.now = None
        if visitor.soup.find("form", id="answers") is None:
            return
        form = visitor.form
        action = str(form["action"])
        sends = visitor.standing(form)
        parts = urlsplit(action).path.removeprefix("/questionnaire/").split("/")
        key = parts[0] if len(parts) == 1 else sends["entry"][0] if parts[1] == "add" else parts[1]
        drawing = Drawing(action, key, sends, {})
        beside = " ".join(" ".join(one.get_text(" ") for one in visitor.soup.select(".answers.two")).split())
        document = self.document()
        for asked in visitor.asked:
            if asked == "declare":
                continue
            held = version_of(asked, sends)
            drawing.seen[asked] = {held} if held else set()
            drawing.drawn[asked] = held
            stored, typed = self.standing(document, key, asked)
            if typed is not None and typed == held:
                drawing.unsaved[asked] = typed
            if stored is not None and all(" ".join(one.split()) in beside for one in self.words_of(asked, stored)):
                drawing.seen[asked].add(stored)
                if stored != held:
                    drawing.both.add(asked)
        window.now = drawing

    @staticmethod
    def words_of(asked: str, version: Version) -> list[str]:
        """What a page that tells a version must say."""
        if asked in TEXTS:
            return [version[1]]
        if asked in DATES:
            return [version[1][:4]]
        return (
            [f"Option {one}" if not one.startswith("other=") else one[6:] for one in version[1:]]
            if (asked != "weeks")
            else [version[1]]
        )

    def replaced_words(self, asked: str, version: Version) -> list[str]:
        """What must be said of a version that gives way, in one line as pages say it."""
        if version[0] == "raw":
            return [" ".join(one.partition("=")[2].split()) for one in version[1:] if asked not in ("likes", *CODES)]
        return [" ".join(one.split()) for one in self.words_of(asked, version)]

    # -- typing --------------------------------------------------------------------------------------------------------

    def value(self, asked: str, choice: int) -> Controls:
        """Something to type into a question."""
        self.words += 1
        names = names_of(asked)
        if choice % 11 == 10:
            return {name: [""] if asked not in CODES else [] for name in names} | (
                {"likes": []} if asked == "likes" else {}
            )
        if asked in TEXTS:
            return {asked: [f"w{self.words}{SIGNS[choice % len(SIGNS)]}e"]}
        if asked in CODES:
            return {asked: [CODES[asked][choice % 3 == 2]]}
        if asked == "weeks":
            return {asked: [[*NUMBERS, *BAD_NUMBERS][choice % (len(NUMBERS) + len(BAD_NUMBERS))]]}
        if asked in DATES:
            parts = [*DAYS, *BAD_DAYS][choice % (len(DAYS) + len(BAD_DAYS))]
            return {name: [part] for name, part in zip(names, parts, strict=True)}
        ticked = [code for bit, code in ((1, "sun"), (2, "rain"), (4, "other")) if choice & bit]
        return {"likes": ticked, "likes.other": [f"o{self.words}"] if choice & 8 else [""]}

    def type(self, window: Window, typing: list[tuple[int, int]]) -> None:
        """Type over what stands in the window, without sending it."""
        drawing = window.now
        if drawing is None or not drawing.asked:
            return
        for where, what in typing:
            asked = drawing.asked[where % len(drawing.asked)]
            held = self.value(asked, what)
            drawing.fresh[asked] = held
            drawing.sends |= held

    def send(self, window: Window, button: dict[str, str] | None = None, cut: str = "") -> None:
        """Send what stands in the window; the answer may be lost on its way, or the request."""
        drawing = window.now
        if drawing is None or cut == "request":
            return
        before = self.document()
        sent = self.body(drawing, button)
        other = Visitor(self.devices[window.device])
        other.post(drawing.action, sent)
        if cut != "reply":
            window.visitor = other
        self.judge(window, drawing, other, before, button or {}, cut)
        if cut != "reply":
            copied = replace(drawing, sends=deepcopy(drawing.sends), fresh=deepcopy(drawing.fresh))
            window.carries = copied if other.status == 400 and _carried(other) else None
            self.look(window)
        self.check()

    def body(self, drawing: Drawing, button: dict[str, str] | None = None) -> list[tuple[str, str]]:
        """What a browser sends of a drawing, with the moment that its script adds."""
        self.moment += 1
        sends = drawing.sends | _lists(button) | {"sent-at": [str(self.moment)]}
        return [(name, one) for name, values in sends.items() for one in values]

    def judge(
        self, window: Window, drawing: Drawing, other: Visitor, before: dict[str, Any], button: dict[str, str], cut: str
    ) -> None:
        """What was sent and how it was answered, put into the model; Lost if it is nowhere."""
        status = other.status
        if not other.response.history and status in (400, 404):
            if before != self.document():
                raise Lost("what was turned away changed the draft")
            if cut == "reply":
                return
            says = other.text
            carried = _carried(other) if status == 400 else {}
            assert status == 404 or carried, f"{other.path}: {other.text[:300]}"
            for asked, held in drawing.fresh.items():
                on_page = all(carried.get(f"carried.{name}", []) == held[name] for name in held)
                version = version_of(asked, held)
                stands = version is None or version in self.versions(drawing.key, asked)[0]
                told = status == 404 and (stands or all(one in says for one in _boxes(held)))
                if not (on_page if status == 400 else told):
                    raise Lost(f"{asked} was typed ({held}), the answer is {status} and says nothing of it: {says}")
            return
        assert status in (200, 409), f"{status} at {other.path}: {other.text[:300]}"
        if button.get("then") == "stored":
            self.choose_stored(drawing)
        else:
            self.typed(drawing, before)
            self.begun(drawing)
        then = button.get("then", "")
        if then.startswith("undo-") and status == 200:
            self.put_back(then.removeprefix("undo-"))

    def typed(self, drawing: Drawing, before: dict[str, Any], *, but: Container[str] = ()) -> None:
        """A page was handled: what was typed takes the place of what was seen, and of nothing else."""
        after = self.document()
        for asked, held in drawing.typed().items():
            if asked in but:
                continue
            must, may = self.versions(drawing.key, asked)
            version, seen = version_of(asked, held), drawing.seen[asked]
            chosen = drawing.changed(asked) or asked in drawing.both
            if version == drawing.drawn.get(asked) and not must <= seen:
                chosen = False  # there and back again, and another window was there meanwhile
            self.hole(drawing, asked, before, after)
            if not chosen and version is not None and version not in must:
                may.add(version)
            if chosen:
                if version not in must:  # what stood there already leaves no trace
                    drawing.sent.add(asked)
                saved, typed = self.standing(after, drawing.key, asked)
                if version is None or saved != version:
                    may |= must & seen  # it is not saved, so what was seen may stand on beside it
                may |= must & seen & {typed}  # the same words, typed in another window later
                must -= seen
                may -= must
                if version is not None:
                    must.add(version)
                    may.discard(version)
                    seen.add(version)
            stored_before = self.standing(before, drawing.key, asked)[0]
            if version and version[0] == "raw" and self.standing(after, drawing.key, asked)[0] != stored_before:
                raise Lost(f"{asked}: {version} is no answer, and took {stored_before} away")

    def begun(self, drawing: Drawing) -> None:
        """A page was handled: where it has the first field of an entry, that is in its list, if there is room."""
        after = self.document()
        opening = version_of("med-name", drawing.sends) if "med-name" in drawing.seen else None
        listed, removed = self.model["listed"], self.model["removed"]
        has_room = drawing.key in listed or len(listed) < MOST_ENTRIES
        # one that was removed may come again, or be kept as typed where another window had not seen that it went
        again = drawing.key not in removed or drawing.key in {
            id for rows in after["entries"].values() for id, _ in rows
        }
        if opening is not None and opening[0] == "is" and has_room and again:
            listed.add(drawing.key)
            removed.discard(drawing.key)

    def versions(self, key: str, asked: str) -> tuple[set[Version], set[Version]]:
        """The versions of a question that must stand, and those that may."""
        must, may = (self.model[name].setdefault(key, {}).setdefault(asked, set()) for name in ("must", "may"))
        return must, may

    def hole(self, drawing: Drawing, asked: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        """A step keeps one version of a question that is not saved: what a third window typed takes the second's
        place."""
        stored, unsaved = self.standing(before, drawing.key, asked)
        now = self.standing(after, drawing.key, asked)
        if (
            unsaved is not None
            and unsaved != stored
            and now[0] == stored
            and now[1] == version_of(asked, drawing.sends)
        ):
            must = self.versions(drawing.key, asked)[0]
            said = " ".join(after["remarks"])
            unseen = unsaved in must and unsaved not in drawing.seen[asked] and unsaved != now[1]
            said += " ".join(one for held in drawing.typed()[asked].values() for one in held)  # it may read the same
            if unseen and any(one not in said for one in self.replaced_words(asked, unsaved)):
                raise Lost(f"{asked}: {unsaved} gave way to {now[1]}, and nothing says so: {said!r}")
            must.discard(unsaved)

    def choose_stored(self, drawing: Drawing) -> None:
        """What was typed was shown beside what is saved, and is not wanted."""
        for asked, version in drawing.unsaved.items():
            must, may = self.versions(drawing.key, asked)
            if version in must:
                must.discard(version)
                may.add(version)

    def put_back(self, id: str) -> None:
        """An entry that was removed is in its list again, if there is room."""
        if id in self.model["removed"] and len(self.model["listed"]) < MOST_ENTRIES:
            self.model["removed"].discard(id)
            self.model["listed"].add(id)

    def half(self, window: Window) -> None:
        """The page's script sends what stands there; typing of another window that the page had not shown stays."""
        drawing, before = window.now, self.document()
        if drawing is None:
            return
        path = urlsplit(drawing.action).path
        client = self.devices[window.device]
        body: Controls = {}
        for name, value in self.body(drawing):
            body.setdefault(name, []).append(value)
        answer = client.post(f"{path}/typed", data=body)
        assert answer.status_code in (204, 400), answer.text[:300]
        turned_away = answer.status_code == 400 or not self.reaches(client, path, drawing)
        if turned_away and before == self.document():
            return
        unseen = {
            asked
            for asked in drawing.asked
            if (kept := self.standing(before, drawing.key, asked)[1]) and kept not in drawing.seen[asked]
        }
        self.typed(drawing, before, but=unseen | (set(drawing.asked) - set(drawing.fresh)))
        self.check()

    @staticmethod
    def reaches(client: httpx.Client, path: str, drawing: Drawing) -> bool:
        """Whether the page of a drawing is part of this browser's form now."""
        query = {name: drawing.sends[name] for name in ("list", "entry") if name in drawing.sends}
        return client.get(path, params=query, follow_redirects=False).status_code == 200

    # -- the rules -----------------------------------------------------------------------------------------------------

    def at(self, which: int) -> Window:
        """One of the windows."""
        return self.windows[which % len(self.windows)]

    def open(self, window: Window, address: str) -> bool:
        """Go to an address, if it is part of the form now; tells whether a page of questions stands there."""
        visitor = Visitor(self.devices[window.device])
        visitor.get(address)
        assert visitor.status < 500
        if visitor.status >= 400:
            return False
        window.visitor, window.carries = visitor, None
        self.look(window)
        return window.now is not None

    @rule(which=ANY, typing=ASKED, button=BUTTONS, cut=CUTS)
    def answer(self, which: int, typing: list[tuple[int, int]], button: str, cut: str) -> None:
        """Type on the page shown, and press a button."""
        window = self.at(which)
        if window.now is None:
            self.open(window, f"/questionnaire/{list(PAGES)[which % len(PAGES)]}")
        self.type(window, typing)
        if window.now is None:
            return
        is_rest = "med-since" in window.now.seen
        then = {"then": button} if button in ("back", "later") or (button == "next" and is_rest) else None
        if button == "twice":
            drawing = window.now
            self.send(window, None, "reply")
            window.now = drawing
        self.send(window, then, cut)

    @rule(which=ANY, place=ANY, typing=ASKED, back=st.booleans(), cut=CUTS)
    def answer_a_page(self, which: int, place: int, typing: list[tuple[int, int]], back: bool, cut: str) -> None:
        """Open a page, type there, and go on or back."""
        window = self.at(which)
        if self.open(window, f"/questionnaire/{list(PAGES)[place % len(PAGES)]}"):
            self.type(window, typing)
            self.send(window, {"then": "back"} if back else None, cut)

    @rule(which=ANY, typing=ASKED, times=st.integers(1, 3))
    def type_half(self, which: int, typing: list[tuple[int, int]], times: int) -> None:
        """Type without sending; the script sends it by itself, now and again."""
        window = self.at(which)
        for _ in range(times):
            self.type(window, typing)
            self.half(window)

    @rule(which=ANY, typing=ASKED)
    def type_on_after_a_lost_answer(self, which: int, typing: list[tuple[int, int]]) -> None:
        """A page is saved, its answer is lost on the way, and somebody types on."""
        window = self.at(which)
        self.type(window, typing)
        self.send(window, None, "reply")
        self.type(window, [(where, what + 1) for where, what in typing])
        self.half(window)

    @rule(which=ANY, place=ANY)
    def only_look(self, which: int, place: int) -> None:
        """Open a page and leave it standing."""
        self.open(self.at(which), f"/questionnaire/{list(PAGES)[place % len(PAGES)]}")

    @rule(which=ANY, shut=st.booleans(), cut=CUTS)
    def flip(self, which: int, shut: bool, cut: str) -> None:
        """Shut the gate, or open it."""
        window = self.at(which)
        if self.open(window, "/questionnaire/page-gate") and window.now is not None:
            held = {"gate": ["shut" if shut else "open"]}
            window.now.fresh["gate"] = held
            window.now.sends |= held
            self.send(window, None, cut)

    @rule(which=ANY, typing=ASKED, twice=st.booleans(), cut=CUTS)
    def add(self, which: int, typing: list[tuple[int, int]], twice: bool, cut: str) -> None:
        """Begin an entry; where the gate hides the list, it is opened first."""
        window = self.at(which)
        self.open(window, "/questionnaire/page-list")
        if window.visitor.find(action="add") is None:
            self.flip(which, shut=False, cut="")
            self.open(window, "/questionnaire/page-list")
        if window.visitor.find(action="add") is not None and window.now is not None:
            self.send(window, {"add": "medicines"})
            if window.now is not None and "med-name" in window.now.seen:
                self.type(window, typing)
                if twice:
                    self.send(window, None, "reply")
                self.send(window, None, cut)

    @precondition(lambda self: self.model["listed"])
    @rule(which=ANY, one=ANY, part=st.sampled_from(["", "/start"]), typing=ASKED, cut=CUTS)
    def change(self, which: int, one: int, part: str, typing: list[tuple[int, int]], cut: str) -> None:
        """Change an entry."""
        listed = sorted(self.model["listed"])
        window = self.at(which)
        if listed and self.open(window, f"/questionnaire/page-list/{listed[one % len(listed)]}{part}"):
            self.type(window, typing)
            self.send(window, None, cut)

    @precondition(lambda self: self.model["listed"])
    @rule(which=ANY, one=ANY)
    def look_at_entry(self, which: int, one: int) -> None:
        """Open an entry and leave it standing."""
        if listed := sorted(self.model["listed"]):
            self.open(self.at(which), f"/questionnaire/page-list/{listed[one % len(listed)]}")

    @precondition(lambda self: self.model["listed"])
    @rule(which=ANY, one=ANY, cut=st.sampled_from(["", "", "reply"]))
    def remove(self, which: int, one: int, cut: str) -> None:
        """Take an entry out of the list, after the question."""
        window = self.at(which)
        if not self.model["listed"] or not self.open(window, "/questionnaire/page-list"):
            return
        buttons = window.visitor.soup.select("button[data-action=remove]")
        if not buttons:
            return
        then = str(buttons[one % len(buttons)]["value"])
        self.send(window, {"then": then})
        if window.visitor.find(action="remove") is None or window.now is not None:
            return
        id = then.removeprefix("remove-")
        window.visitor.act("remove")
        if cut == "reply":
            window.visitor.go("page-list")
        assert window.visitor.status == 200
        self.model["listed"].discard(id)
        self.model["removed"].add(id)
        self.look(window)
        self.check()

    @precondition(lambda self: self.model["removed"])
    @rule(which=ANY, one=ANY, typing=ASKED, cut=CUTS)
    def undo(self, which: int, one: int, typing: list[tuple[int, int]], cut: str) -> None:
        """Put an entry back, with words typed on its page just before."""
        window = self.at(which)
        if not self.open(window, "/questionnaire/page-list"):
            return
        if buttons := window.visitor.soup.select("[data-undo]"):
            self.type(window, typing)
            self.send(window, {"then": str(buttons[one % len(buttons)]["value"])}, cut)

    @rule(which=ANY, mine=st.booleans(), cut=CUTS)
    def choose(self, which: int, mine: bool, cut: str) -> None:
        """Choose between two versions where a window shows both."""
        window = self.at(which)
        wanted = "mine" if mine else "stored"
        if window.now is not None and window.visitor.find(choose=wanted) is not None and not window.now.fresh:
            self.send(window, {"then": wanted}, cut)

    @rule(which=ANY, typing=ASKED, cut=CUTS)
    def back_in_the_browser(self, which: int, typing: list[tuple[int, int]], cut: str) -> None:
        """An older page again as it was left, typed into and sent once more."""
        window = self.at(which)
        if window.before:
            window.now = window.before.pop()
            self.type(window, typing)
            self.send(window, None, cut)

    @rule(which=ANY, device=st.integers(0, DEVICES - 1))
    def open_tab(self, which: int, device: int) -> None:
        """Another tab, there or on another device, that stands where this one does."""
        here = self.at(which).now
        address = urlsplit(here.action).path if here else f"/questionnaire/{list(PAGES)[which % len(PAGES)]}"
        if len(self.windows) >= WINDOWS:
            self.windows.pop(0)
        window = Window(Visitor(self.devices[device]), device)
        self.windows.append(window)
        if not self.open(window, address):
            self.come_back_in(window)

    @rule(which=ANY, how=st.sampled_from(["cookie", "session", "leave"]))
    def session_gone(self, which: int, how: str) -> None:
        """The session of a device is gone, or every one."""
        window = self.at(which)
        if how == "cookie":
            self.devices[window.device].cookies.clear()
        elif how == "leave":
            Visitor(self.devices[window.device]).get("/").act("leave")
        else:
            with transaction(self.clinic.house.intake.engine) as sql:
                sql.execute(text("UPDATE web_session SET seen_at = '2020-01-01 00:00:00.000000'"))

    @rule(which=ANY)
    def come_back(self, which: int) -> None:
        """Enter the code: on the page that carries what was typed, if one stands there."""
        window = self.at(which)
        if window.carries is not None or window.now is None:
            self.come_back_in(window)

    @precondition(lambda self: any(window.carries for window in self.windows))
    @rule()
    def come_back_with_words(self) -> None:
        """Enter the code where words are carried."""
        self.come_back_in(next(window for window in self.windows if window.carries))

    def come_back_in(self, window: Window) -> None:
        """Enter the code in this window."""
        drawing, visitor, before = window.carries, window.visitor, self.document()
        if drawing is None:
            visitor = window.visitor = Visitor(self.devices[window.device])
            visitor.get("/resume")
        visitor.act("continue", [("code", self.code)])
        if visitor.status == 400:  # another tab came back before, so the page's token is of no session
            visitor.act("continue", [("code", self.code)])
        assert visitor.status == 200, f"{visitor.status} at {visitor.path}: {visitor.text[:200]}"
        window.carries = None
        if drawing is not None:
            self.carried(window, drawing, before)
        self.look(window)
        self.check()

    def carried(self, window: Window, drawing: Drawing, before: dict[str, Any]) -> None:
        """What was carried is kept as it was typed, where it is not what is saved."""
        here = urlsplit(drawing.action).path
        if drawing.fresh and window.visitor.path != here:
            for held in drawing.fresh.values():
                if any(one not in window.visitor.text for one in _boxes(held)):
                    raise Lost(f"{held} was carried and came nowhere")
            return
        after = self.document()
        for asked, held in drawing.typed().items():
            version, (must, may) = version_of(asked, held), self.versions(drawing.key, asked)
            self.hole(drawing, asked, before, after)
            if version is None:
                continue
            if not drawing.changed(asked):
                if version not in must:
                    may.add(version)
                continue
            drawing.sent.add(asked)
            may |= must & drawing.seen[asked]
            must -= drawing.seen[asked]
            must.add(version)
            may.discard(version)
            drawing.seen[asked].add(version)

    @rule()
    def restart(self) -> None:
        """The program is started anew on the same database."""
        self.clinic.restart()
        self.check()


def _lists(button: dict[str, str] | None) -> Controls:
    return {name: [value] for name, value in (button or {}).items()}


def _boxes(held: Controls) -> list[str]:
    """What was typed by hand, as a page says it."""
    return [" ".join(one.split()) for name, values in held.items() if name in TEXTS for one in values if one]


def _carried(visitor: Visitor) -> Controls:
    form = next((one for one in visitor.soup.select("main form") if one["action"] == "/resume"), None)
    return {} if form is None else dict(visitor.standing(form).items())
