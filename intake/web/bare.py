"""A page that needs no template, session or database: for when there is none, and for what the server turns away."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from typing import Final

NOT_READ: Final = ("This request could not be read", "Go back to the page you came from and do the step again.")
TEXTS: Final = {
    HTTPStatus.BAD_REQUEST: NOT_READ,
    HTTPStatus.REQUEST_TIMEOUT: (
        "The connection was too slow",
        "Not all of the page reached us, so nothing of it was saved. Go back, and do the step again.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "That was too much at once",
        "Go back and shorten the longest text, then do the step again.",
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: NOT_READ,
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "This site is busy",
        "Everything up to your last saved page is kept. Do the step again in a minute.",
    ),
}
OUR_SIDE: Final = (
    "Something went wrong on our side",
    "Everything up to your last saved page is kept. Please try again in a few minutes. "
    "If you have your code, you can come back on any device.",
)


def bare_page(status: int, note: str | None = None, words: tuple[str, str] | None = None) -> bytes:
    """A whole HTML page in UTF-8 for a status; `note` is the request's id, `words` a title and text of its own."""
    title, text = words or (TEXTS[HTTPStatus(status)] if status in TEXTS else OUR_SIDE)
    tail = f"<p>If it happens again, tell the clinic: note {escape(note)}.</p>" if note else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title></head><body><main><h1>{escape(title)}</h1>"
        f"<p>{escape(text)}</p>{tail}</main></body></html>"
    ).encode()
