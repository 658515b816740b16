"""Pages that are there before, beside and after a form: how answers are kept, how this site can be used, help."""

from __future__ import annotations

from flask import request

from intake.patient.blueprint import door, page
from intake.patient.current_draft import consent_text, form_in_browser


@door.get("/privacy")
@door.get("/accessibility")
@door.get("/help")
def information() -> str:
    """The page of this address; its foot has the emergency number of a form that is open. How answers are kept is told
    in the words that patients agree to."""
    form_in_browser()
    return page(request.path.removeprefix("/"), blocks=consent_text().blocks)
