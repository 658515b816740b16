"""What fails stands in the trail too: pages that were denied, tries that were turned away, rows that were altered."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Final

from flask import g, request

from intake.records import audit
from intake.records.audit import AuditAction, Entity, Outcome, Subject
from intake.records.errors import CannotOpen, RecordsError, RowAltered
from intake.web import addresses, extensions, logs

OF_ERRORS: Final = {RowAltered: AuditAction.ALTERED, CannotOpen: AuditAction.NOT_OPENED}
OF_STAFF_PAGES: Final = {HTTPStatus.FORBIDDEN: AuditAction.DENIED, HTTPStatus.NOT_FOUND: AuditAction.DENIED}
"""What is recorded of an error, and of an answer of these statuses to a staff page."""


def of(error: Exception, status: int, *, is_staff: bool) -> AuditAction | None:
    """What stands in the trail about a request that ended so, if anything."""
    if action := next((action for kind, action in OF_ERRORS.items() if isinstance(error, kind)), None):
        return action
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return AuditAction.THROTTLED
    return OF_STAFF_PAGES.get(HTTPStatus(status)) if is_staff else None


def failed(action: AuditAction) -> None:
    """Record it: by whoever is signed in, else by the address, once a minute. A trail that cannot be written is logged:
    the page that says what failed must not fail for it."""
    id = (request.view_args or {}).get("id")
    subject = audit.response(id) if id else Subject(Entity.PAGE, (request.endpoint or "")[:64])
    staff = g.get("staff")
    try:
        with extensions.transaction() as sql:
            if staff is None:
                audit.record_stranger(sql, action, addresses.of_client(), subject, now=extensions.now())
            else:
                agent = staff.acting_as()
                audit.record(sql, action, agent, subject, now=extensions.now(), outcome=Outcome.DECLINED)
    except RecordsError as error:
        logs.event("error", logging.ERROR, exception=logs.place_of(error))
