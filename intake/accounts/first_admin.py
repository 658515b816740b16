"""Until the first admin signs in with a second factor, an installation that requires one is not open yet.

Somebody may have found it before its owner did. Patients of an installation that holds responses go on as before:
nobody may lose a form because staff have to set something up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, request
from sqlalchemy import exists, select

from intake.accounts import second_factor
from intake.config import REQUIRED
from intake.records.sessions import SessionKind
from intake.records.tables import RESPONSES
from intake.web import errors, extensions, sessions

OPEN: Final = ("accounts", "health", "static")
"""The blueprints (of static files the endpoint) that are open at any time."""


class NotOpenYet(Exception):
    """No admin has a second factor yet."""


errors.add(
    NotOpenYet,
    errors.ErrorPage(
        503,
        "This site is not open yet",
        "The clinic is still setting this site up. Please try again later.",
        "Staff pages open once an admin has a second factor. If you are an admin, sign in and set yours up. If there "
        "is no admin yet, whoever runs the server adds one with “intake staff add”.",
        links=(),
        staff_links=(errors.SIGN_IN,),
    ),
)


@dataclass
class Doors:
    """What was seen to be open. It stays so while this process runs: each is looked up until then."""

    staff: bool = False
    patients: bool = False


def init_app(app: Flask) -> None:
    """Look before every view, where a second factor is required."""
    intake: extensions.Installation = app.extensions["intake"]
    if intake.settings.two_factor == REQUIRED:
        doors = Doors()
        app.before_request(lambda: _see(doors))


def _see(doors: Doors) -> None:
    if (request.endpoint or "").partition(".")[0] in OPEN:
        return
    is_staff = sessions.kind_of(request.path) is SessionKind.STAFF
    if doors.staff or (doors.patients and not is_staff):
        return
    with extensions.reading() as sql:
        doors.staff = second_factor.an_admin_has_one(sql)
        doors.patients = doors.staff or bool(sql.scalar(select(exists().select_from(RESPONSES))))
    if not (doors.staff if is_staff else doors.patients):
        raise NotOpenYet
