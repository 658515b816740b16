"""A patient and the staff over HTTP, as a browser without JavaScript: they know the page hooks and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup, Tag

from intake.questionnaire.model import Questionnaire
from intake.questionnaire.response import Entry, QuestionnaireResponse
from tests.factories import form_data

Data = list[tuple[str, str]]


def browser(base: str, app: Any = None) -> httpx.Client:
    """A client that keeps cookies and follows redirects: to a server, or straight into an application."""
    transport = httpx.WSGITransport(app=app) if app is not None else None
    return httpx.Client(base_url=base, follow_redirects=True, timeout=60, transport=transport)


def filled_in(form: Tag) -> Data:
    """What a browser would send of a form as it stands, its hidden fields left out."""
    return [
        (str(control["name"]), control.get_text() if control.name == "textarea" else str(control.get("value", "")))
        for control in form.find_all(["input", "textarea"])
        if control.get("type") != "hidden"
        and (control.get("type") not in ("radio", "checkbox") or control.has_attr("checked"))
    ]


def in_sentences(element: Tag) -> Tag:
    """The same with what was typed within its sentence: a `<bdi>` round it says how it is drawn, not where it ends."""
    read = copy(element)
    for apart in read.find_all("bdi"):
        apart.unwrap()
    read.smooth()
    return read


def words_of(element: Tag) -> str:
    """What an element says, in one line."""
    return " ".join(in_sentences(element).get_text(" ", strip=True).split())


@dataclass
class Browser:
    """One browser: the page it shows, and what can be pressed on it."""

    client: httpx.Client
    response: httpx.Response = field(init=False)
    soup: BeautifulSoup = field(init=False)

    @property
    def path(self) -> str:
        """The address of the page shown."""
        return urlsplit(str(self.response.url)).path

    @property
    def text(self) -> str:
        """What the page says."""
        return words_of(self.soup.find("main") or self.soup)

    def get(self, url: str) -> Browser:
        """Open an address."""
        return self._show(self.client.get(url))

    def _show(self, response: httpx.Response) -> Browser:
        self.response = response
        self.soup = BeautifulSoup(response.text, "html.parser")
        return self

    def find(self, **hook: str) -> Tag | None:
        """The first element with this data attribute: `find(action="add")`, `find(list="pregnancies")`."""
        found = self.soup.find(attrs={f"data-{name.replace('_', '-')}": value or True for name, value in hook.items()})
        return found if isinstance(found, Tag) else None

    def press(self, element: Tag | None, data: Sequence[tuple[str, str]] = ()) -> Browser:
        """Follow a link, or send the form of a button with `data` besides its hidden fields.

        A button that stands outside its form, as a notice's does, sends it as it stands.
        """
        assert element is not None, f"nothing to press at {self.path}"
        if element.name == "a":
            return self.get(urljoin(str(self.response.url), str(element["href"])))
        form = element.find_parent("form")
        if form is None:
            form = self.soup.find("form", id=element["form"])
            given = {name for name, _ in data}
            data = [*data, *((name, value) for name, value in filled_in(form) if name not in given)]
        assert form is not None, f"a button outside any form at {self.path}"
        hidden = [
            (str(one["name"]), str(one.get("value", "")))
            for one in form.find_all("input", type="hidden")
            if one.get("name")
        ]
        button = [(str(element["name"]), str(element.get("value", "")))] if element.get("name") else []
        return self.post(
            urljoin(str(self.response.url), str(element.get("formaction") or form.get("action") or "")),
            [*hidden, *data, *button],
        )

    def post(self, url: str, data: Sequence[tuple[str, str]]) -> Browser:
        """Send these fields to an address."""
        body: dict[str, list[str]] = {}
        for name, value in data:
            body.setdefault(name, []).append(value)
        return self._show(self.client.post(url, data=body))

    def act(self, name: str, data: Sequence[tuple[str, str]] = ()) -> Browser:
        """Press the first control of this action."""
        return self.press(self.find(action=name), data)


class Patient(Browser):
    """A patient who types a whole response, entries in the order of its rows."""

    def __init__(self, client: httpx.Client, questionnaire: Questionnaire, response: QuestionnaireResponse) -> None:
        super().__init__(client)
        self.questionnaire = questionnaire
        self.wanted = response
        self.waiting = {name: list(rows) for name, rows in response.entries.items()}
        self.entry: Entry | None = None
        self.code = ""
        self.on_page: Callable[[Patient], None] = lambda _: None

    def start(self) -> Patient:
        """Start, note the code, and come to the first page."""
        self.get("/").act("start")
        code = self.find(resume_code="")
        assert code is not None, "no resume code after the start"
        self.code = re.sub(r"\s", "", code.get_text())
        self.act("continue")
        return self

    def data(self, entry: Entry | None = None) -> Data:
        """What this patient types into the questions of the page shown."""
        typed: Data = []
        for question in self.soup.select("main [data-link-id]"):
            link_id = str(question["data-link-id"])
            if question.find(["input", "textarea"]) is not None:
                typed += form_data(self.questionnaire.item(link_id), self.wanted.answer(link_id, entry))
        return typed

    def step(self) -> None:
        """Fill in the page shown and go on; add the next entry where a list waits for one."""
        at_list = self.find(list="")
        if at_list is not None:
            self.entry = None
        rows = self.waiting.get(str(at_list["data-list"])) if at_list is not None else None
        self.on_page(self)
        if rows:
            self.press(self.find(action="add"), self.data())
            self.entry = rows.pop(0)
        elif self.find(notice="") is not None:
            self.act("continue")  # keep as it is
        else:
            self.act("continue", self.data(self.entry))
        errors = self.find(error_summary="")
        assert errors is None, f"{self.path}: {errors.get_text(' ') if errors else ''}"
        assert self.response.status_code == 200, f"{self.response.status_code} at {self.path}"

    def to_check(self, limit: int = 300) -> Patient:
        """Go on to the check page."""
        for _ in range(limit):
            if self.find(action="submit") is not None:
                return self
            self.step()
        raise AssertionError(f"no check page after {limit} steps, at {self.path}")

    def send(self) -> str:
        """Send, and read the reference."""
        self.act("submit", self.data())
        reference = self.find(reference="")
        assert reference is not None, f"no reference at {self.path}: {self.text[:300]}"
        return reference.get_text(strip=True)


class Staff(Browser):
    """A clinician or an admin."""

    def sign_in(self, account: tuple[str, str]) -> Staff:
        """Sign in by email and password."""
        self.get("/account/login")
        form = self.soup.select_one("main form")
        assert form is not None
        self.press(form.find("button"), [("email", account[0]), ("password", account[1])])
        return self

    def open(self, reference: str) -> str:
        """Find a response by its reference and open it; gives its address."""
        self.get(f"/clinician/?q={reference}")
        self.press(next(link for link in self.soup.select("main a") if reference in link.get_text()))
        return self.path

    def summary(self, reference: str) -> Mapping[str, Any]:
        """The summary.json of a response."""
        found: Mapping[str, Any] = self.client.get(f"{self.open(reference)}/summary.json").json()
        return found

    def export(self, *, include: Sequence[str] = (), readers: str = "programs") -> bytes:
        """The export.zip with these groups."""
        self.get("/admin/export")
        token = self.soup.select_one('main [name="csrf_token"]')
        assert token is not None
        data = [
            ("csrf_token", str(token["value"])),
            ("for", readers),
            ("reason", "A test of the export."),
            *(("include", one) for one in include),
        ]
        response = self.client.post("/admin/export.zip", data=_several(data))
        assert response.status_code == 200, response.text[:500]
        return response.content


def _several(data: Data) -> dict[str, list[str]]:
    body: dict[str, list[str]] = {}
    for name, value in data:
        body.setdefault(name, []).append(value)
    return body
