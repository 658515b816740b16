"""A patient who fills in single pages: types into the page shown, and keeps what stands there already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
from bs4 import Tag

from intake.consultations import catalogue
from tests.walker import Browser, words_of

Fields = dict[str, str | Sequence[str]]
YOU: Fields = {
    "full-name": "Amelia Hart",
    "birth-date.day": "18",
    "birth-date.month": "April",
    "birth-date.year": "1992",
    "country": "GB",
}


class Visitor(Browser):
    """One browser with the steps that tests of the patients' door are written in."""

    code: str

    def __init__(self, client: httpx.Client) -> None:
        super().__init__(client)

    def start(self) -> Visitor:
        """Start, note the code, and stand on the first page."""
        self.get("/").act("start")
        self.code = self.words(resume_code="")
        self.act("continue")
        return self

    def begin(self, reasons: Sequence[str] = ("pregnancy-loss",)) -> Visitor:
        """Fill in what is required, up to the page after the visit's reasons."""
        self.start().fill(respondent="self").fill(consent="true").fill(**YOU).fill(email="amelia@example.org")
        return self.fill(**{"visit-reasons": reasons})

    def standing(self, form: Tag) -> dict[str, list[str]]:
        """What a browser would send of a form as it stands."""
        held: dict[str, list[str]] = {}
        for control in form.find_all(["input", "textarea"]):
            kind = control.get("type")
            if kind in ("radio", "checkbox") and not control.has_attr("checked"):
                continue
            value = control.get_text() if control.name == "textarea" else str(control.get("value", ""))
            held.setdefault(str(control["name"]), []).append(value)
        return held

    @property
    def form(self) -> Tag:
        """The page's own form: the one that holds the questions."""
        return next(
            form
            for form in self.soup.find_all("form")
            if form.find(attrs={"name": "seen"}) or form["action"] == "/submit"
        )

    def sent(self, fields: dict[str, Any], button: dict[str, str] | None = None) -> list[tuple[str, str]]:
        """What is sent when these fields are typed over what stands on the page."""
        held = self.standing(self.form)
        for name, value in fields.items():
            held[name] = [value] if isinstance(value, str) else list(value)
        return [
            (name, value)
            for name, values in (held | {name: [value] for name, value in (button or {}).items()}).items()
            for value in values
        ]

    def fill(self, *, button: dict[str, str] | None = None, **fields: str | Sequence[str]) -> Visitor:
        """Type these fields over what stands on the page, and press Continue, or another button."""
        self.post(str(self.form["action"]), self.sent(fields, button))
        return self

    def add(self, name: str, **fields: str | Sequence[str]) -> Visitor:
        """Press the list's button on the page shown, and give the new entry its first field."""
        return self.fill(button={"add": name}).fill(**fields)

    def go(self, page: str) -> Visitor:
        """Open a page of questions."""
        self.get(f"/questionnaire/{page}")
        return self

    def words(self, **hook: str) -> str:
        """What an element with a data attribute says."""
        found = self.find(**hook)
        assert found is not None, f"no {hook} at {self.path}"
        return words_of(found)

    def value(self, name: str) -> list[str]:
        """What stands in the controls of this name."""
        return self.standing(self.form).get(name, [])

    @property
    def asked(self) -> list[str]:
        """The linkIds that the page asks, in order."""
        return [str(one["data-link-id"]) for one in self.form.select("[data-link-id]")]

    @property
    def notices(self) -> list[str]:
        """The ids of the notices that stand on the page."""
        return [str(one["data-notice"]) for one in self.soup.select("[data-notice]")]

    @property
    def errors(self) -> list[str]:
        """The sentences of the error summary."""
        return [one.get_text(strip=True) for one in self.soup.select("[data-error-summary] a")]

    @property
    def focus(self) -> Tag:
        """Where the page opens."""
        found = self.soup.select("[autofocus]")
        assert len(found) == 1, f"{len(found)} elements take the focus at {self.path}"
        return found[0]

    @property
    def status(self) -> int:
        """The status of the page shown."""
        return self.response.status_code

    def to_check(self) -> Visitor:
        """Press Continue on every page that is left, typing nothing."""
        for _ in range(60):
            if self.path == "/check":
                return self
            self.fill()
        raise AssertionError(f"no check page, at {self.path}")

    def send(self) -> str:
        """Send from the check page; gives the reference."""
        self.fill(declare="true")
        return self.words(reference="")


def page_of(link_id: str) -> str:
    """The page that a question stands on."""
    return catalogue.shipped().active.page_of(link_id).link_id
