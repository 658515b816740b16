"""The addresses of the patients' pages (docs/interfaces.md, Addresses), made without a request."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

CHECK: Final = "/check"
PREVIEW: Final = "/preview"
RESUME_CODE: Final = "/resume-code"
SUBMITTED: Final = "/submitted"
RESUME: Final = "/resume"
LEAVE: Final = "/leave"
SENT: Final = "/sent"
ERASED: Final = "/erased"
FROM_CHECK: Final = "check"
FROM_LIST: Final = "list"
ORIGINS: Final = (FROM_CHECK, FROM_LIST)
"""Where a page was opened from and leads back to: the check page, or a list whose page was opened from there."""


def row(link_id: str, entry_id: str | None = None) -> str:
    """The id of a question's row on the check page."""
    return f"row-{entry_id}-{link_id}" if entry_id else f"row-{link_id}"


def check(link_id: str, entry_id: str | None = None) -> str:
    """The check page, opened at a question's row."""
    return f"{CHECK}#{row(link_id, entry_id)}"


def page(page_id: str, *parts: str, anchor: str | None = None, **query: str) -> str:
    """A page of questions, or with `parts` something of its lists. `opened_from` stands in the address as `from`."""
    path = "/".join(quote(part, safe="") for part in (page_id, *parts))
    given = {"from" if name == "opened_from" else name: value for name, value in query.items() if value}
    return f"/questionnaire/{path}{'?' + urlencode(given) if given else ''}{'#' + anchor if anchor else ''}"
