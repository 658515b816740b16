"""Standing pages: how answers are kept, how this site can be used, help with the form."""

from __future__ import annotations

from intake.patient.door import consent_text, door, page


@door.get("/privacy")
def privacy() -> str:
    """How answers are kept, in the words that patients agree to, and what this site stores in a browser."""
    return page("privacy", blocks=consent_text().blocks)


@door.get("/accessibility")
def accessibility() -> str:
    """What this site does so that everybody can use it, and what to do where it does not."""
    return page("accessibility")


@door.get("/help")
def help_page() -> str:
    """Help with the form."""
    return page("help")
