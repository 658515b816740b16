"""Pages that are there before, beside and after a form: how answers are kept, how this site can be used, help."""

from __future__ import annotations

from intake.patient.blueprint import door, page
from intake.patient.current_draft import consent_text, form_in_browser


def information(template: str, **values: object) -> str:
    """Such a page; its foot has the emergency number of a form that is open."""
    form_in_browser()
    return page(template, **values)


@door.get("/privacy")
def privacy() -> str:
    """How answers are kept, in the words that patients agree to, and what this site stores in a browser."""
    return information("privacy", blocks=consent_text().blocks)


@door.get("/accessibility")
def accessibility() -> str:
    """What this site does so that everybody can use it, and what to do where it does not."""
    return information("accessibility")


@door.get("/help")
def help_page() -> str:
    """Help with the form."""
    return information("help")
