"""Which file each version of a form is, by its SHA-256; it stays that once responses are bound to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Engine, delete, select

from intake.records.database import insert_if_new, reading, transaction
from intake.records.errors import CannotStart
from intake.records.tables import FORM_FILES, RESPONSES

_BOUND: Final = select(RESPONSES.c.questionnaire).distinct()


class FormFileChanged(CannotStart):
    """A published file was edited after responses were bound to it."""

    sentence = (
        "The file of {} was changed after responses were bound to it; put the published file back, and give other "
        "words a version of their own."
    )


def recorded(engine: Engine, sha256: Mapping[str, str]) -> tuple[str, ...]:
    """Record the hash of each version's file, and give the versions that responses are bound to and no file has.
    Raises FormFileChanged, and then nothing is recorded."""
    with reading(engine) as sql:
        known = dict(sql.execute(select(FORM_FILES.c.canonical, FORM_FILES.c.sha256)).all())
        bound = set(sql.execute(_BOUND).scalars())
    changed = [canonical for canonical, hashed in known.items() if sha256.get(canonical, hashed) != hashed]
    if edited := sorted(bound.intersection(changed)):
        raise FormFileChanged(edited[0])
    if changed or not sha256.keys() <= known.keys():
        with transaction(engine) as sql:
            sql.execute(delete(FORM_FILES).where(FORM_FILES.c.canonical.in_(changed)))
            for canonical, hashed in sha256.items():
                insert_if_new(sql, FORM_FILES, {"canonical": canonical, "sha256": hashed})
    return tuple(sorted(bound - sha256.keys()))
