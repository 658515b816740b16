"""What a request may be, checked before anything looks at it: ids in its address, method, body, fields, origin."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest, MethodNotAllowed, SecurityError, UnsupportedMediaType
from werkzeug.routing import BaseConverter

from intake.forms.page_form import MOST_FIELDS
from intake.records.sessions import SessionKind
from intake.web import extensions
from intake.web.headers import ROUTE
from intake.web.sessions import kind_of

BODY_BYTES: Final = 256 * 1024
METHODS: Final = ["GET", "HEAD", "POST"]
RECORD_ID: Final = re.compile("[0-9a-f]{32}")


class RecordId(BaseConverter):
    """A row's id in an address, which a door writes as `<record:id>`: 32 hex digits, and nothing that is none."""

    regex = RECORD_ID.pattern


class TooManyFields(BadRequest):
    """A form with more fields than any of ours has."""


class NotText(BadRequest):
    """A form whose bytes are not UTF-8: half a character would be kept as another one than was typed."""


class FromAnotherSite(BadRequest):
    """A form that another site sent in this browser's name."""


def init_app(app: Flask) -> None:
    """Put the checks before every view, the protection against forged forms last."""
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES,
        MAX_FORM_PARTS=MOST_FIELDS,
        PROVIDE_AUTOMATIC_OPTIONS=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a patient may take two hours over one page
        WTF_CSRF_HEADERS=[],  # forms only: the script sends the form's own field
        # asks for a Referer, which our own policy leaves out; the origin is checked here instead
        WTF_CSRF_SSL_STRICT=False,
    )
    app.url_map.converters["record"] = RecordId
    for check in (_note_route, _check_host, _check_method, _check_body, _check_origin):
        app.before_request(check)
    CSRFProtect(app)


def _note_route() -> None:
    """The log names a request by its route's template, never by its path."""
    if request.url_rule is not None:
        request.environ[ROUTE] = request.url_rule.rule


def _check_host() -> None:
    """A try-out makes its links from the name that it was asked by: none but this machine's."""
    settings = extensions.current().settings
    if settings.tryout and not settings.trusts(urlsplit(f"//{request.host}").hostname or ""):
        raise SecurityError


def _check_method() -> None:
    if request.method not in METHODS:
        raise MethodNotAllowed(valid_methods=METHODS)


def _check_body() -> None:
    if request.method != "POST":
        return
    if request.mimetype not in ("application/x-www-form-urlencoded", ""):
        raise UnsupportedMediaType  # files and JSON: nothing here takes them
    try:
        unquote_to_bytes(request.get_data()).decode()
    except UnicodeDecodeError:
        raise NotText from None
    if sum(len(values) for values in request.form.listvalues()) > MOST_FIELDS:
        raise TooManyFields


def _check_origin() -> None:
    """Turn away what a browser says comes from another site; under our referrer policy “null” may mean us. A link from
    elsewhere may lead to a page; to a file of staff's, whose name has an ending, it may not."""
    site = request.headers.get("Sec-Fetch-Site")
    if request.method != "POST":
        is_file = "." in request.path.rpartition("/")[2] and kind_of(request.path) is SessionKind.STAFF
        if is_file and site == "cross-site":
            raise FromAnotherSite
        return
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin not in (None, "null") and origin not in _own_origins()):
        raise FromAnotherSite


def says_it_is_ours() -> bool:
    """Whether the browser says that what it sent comes from a page of ours; `_check_origin` let it in."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin" or request.headers.get("Origin") in _own_origins()


def _own_origins() -> tuple[str, ...]:
    own, public = request.host_url.rstrip("/"), extensions.current().settings.public_url
    return (own, urlsplit(public)._replace(path="", query="", fragment="").geturl()) if public else (own,)
