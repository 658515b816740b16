"""Standing pages: how answers are kept, how this site can be used, help with the form."""

from __future__ import annotations

from intake.patient.door import consent_text, door, page, what_is_held


def standing(template: str, **values: object) -> str:
    """A page that is there before, beside and after a form; its foot has the emergency number of a form that is
    open."""
    what_is_held()
    return page(template, **values)


@door.get("/privacy")
def privacy() -> str:
    """How answers are kept, in the words that patients agree to, and what this site stores in a browser."""
    return standing("privacy", blocks=consent_text().blocks)


@door.get("/accessibility")
def accessibility() -> str:
    """What this site does so that everybody can use it, and what to do where it does not."""
    return standing("accessibility")


@door.get("/help")
def help_page() -> str:
    """Help with the form."""
    return standing("help")
