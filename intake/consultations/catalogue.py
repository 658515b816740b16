"""Every form there is: those that come with the program and a clinic's own, each version by its `url|version`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Final

from intake.consultations.rules import rules_for
from intake.questionnaire import loader, translation
from intake.questionnaire.invariants import Problem
from intake.questionnaire.loader import QuestionnaireError
from intake.questionnaire.model import Questionnaire
from intake.questionnaire.roles import annotated

SHIPPED: Final = Path(__file__).parent.parent / "questionnaires"
"""The folder of published questionnaires: one file a version, and a published file never changes (decision 0003)."""

OWN_FOLDER: Final = "questionnaires"
"""Where a clinic's own files stand, in the folder of its installation."""

NK_INTAKE: Final = "nk-intake"


class UnknownForm(QuestionnaireError):
    """No form of this name can be filled in here."""


class FormMissing(Exception):
    """A response is bound to a version whose file is not here (any more): it stays closed until the file is back."""

    def __init__(self, canonical: str) -> None:
        super().__init__(f"There is no file of the form {canonical}; put it back into the folder {OWN_FOLDER}.")
        self.canonical = canonical


@dataclass(frozen=True)
class Catalogue:
    """The forms of one installation. New responses get that of the `id` `name`; `sha256` tells each version's file."""

    published: Mapping[str, Questionnaire]
    name: str = NK_INTAKE
    sha256: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def active(self) -> Questionnaire:
        """The version that new responses are filled in with. Raises UnknownForm."""
        return self.form(self.name)

    def form(self, name: str, language: str | None = None) -> Questionnaire:
        """The newest version of a form of status `active`, in this language if there is one. Raises UnknownForm."""
        candidates = [one for one in self._versions(name) if one.status == "active"]
        if not candidates:
            raise UnknownForm([f"no questionnaire {name!r} has the status active; there are {', '.join(self.names)}"])
        return next((one for one in candidates if one.language == language), candidates[0])

    def columns_of(self, name: str) -> Questionnaire:
        """The version of a form that gives an export its columns: the active one, or the newest of a form that is not
        filled in any more. Raises UnknownForm."""
        versions = self._versions(name)
        retired = versions and not any(one.status == "active" for one in versions)
        return versions[0] if retired else self.form(name)

    def version(self, canonical: str) -> Questionnaire:
        """The version that a response is bound to. Raises FormMissing."""
        try:
            return self.published[canonical]
        except KeyError:
            raise FormMissing(canonical) from None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names (`id`) of all forms, the one that new responses get first."""
        return tuple(sorted({one.id for one in self.published.values()}, key=lambda name: (name != self.name, name)))

    @cached_property
    def urls(self) -> Mapping[str, str]:
        """The url of each form, which its versions share, by its name."""
        return {one.id: one.url for one in self.published.values()}

    def _versions(self, name: str) -> list[Questionnaire]:
        """The versions of a form, newest first."""
        found = [one for one in self.published.values() if one.id == name]
        return sorted(found, key=lambda one: one.version_number, reverse=True)


def open(instance: Path, name: str = NK_INTAKE) -> Catalogue:
    """The forms of an installation: those that come with the program, and its own from `questionnaires/` in its folder.

    Raises QuestionnaireError for whatever is wrong with one of them, and UnknownForm if none has this name.
    """
    found = _gathered([*form_files(SHIPPED), *form_files(instance / OWN_FOLDER)], name)
    try:
        found.active  # noqa: B018 - raises if there is none
    except UnknownForm as unknown:
        raise UnknownForm([f"INTAKE_QUESTIONNAIRE: {unknown}."]) from None
    return found


@cache
def shipped() -> Catalogue:
    """The forms that come with the program. Raises QuestionnaireError."""
    return _gathered(form_files(SHIPPED), NK_INTAKE)


def load(path: Path) -> Questionnaire:
    """Read one file as the program would. Raises QuestionnaireError with every problem found."""
    return read(loader.content(path), path.name)


@lru_cache(maxsize=256)
def read(written: bytes, name: str) -> Questionnaire:
    """What a file of this name holds, parsed once for the same bytes. Raises QuestionnaireError."""
    return loader.loads(written, name, complete=_with_roles, also=_missing_for_rules)


def form_files(folder: Path) -> list[Path]:
    """The files of forms in a folder, without the translations beside them."""
    return sorted(path for path in folder.glob("*.yaml") if not translation.is_translation(path))


def _gathered(files: Iterable[Path], name: str) -> Catalogue:
    published: dict[str, Questionnaire] = {}
    sha256: dict[str, str] = {}
    urls: dict[str, str] = {}
    ids: dict[str, str] = {}
    problems: list[str] = []
    for path in files:
        try:
            written = loader.content(path)
            found = read(written, path.name)
        except QuestionnaireError as error:
            problems += error.problems
            continue
        hashed = hashlib.sha256(written).hexdigest()
        if urls.setdefault(found.id, found.url) != found.url or ids.setdefault(found.url, found.id) != found.id:
            problems.append(f"{path.name}:1: -: all versions of a form have one id and one url, and no other form has")
        elif sha256.setdefault(found.canonical, hashed) != hashed:
            problems.append(f"{path.name}:1: -: another file is {found.canonical} too, and says something else")
        published.setdefault(found.canonical, found)
    if problems:
        raise QuestionnaireError(problems)
    return Catalogue(published, name, sha256)


def _with_roles(questionnaire: Questionnaire) -> Questionnaire:
    """With the roles of its rules if its file says none; a version not named there is like the last that is."""
    by_version = rules_for(questionnaire).annotations
    if questionnaire.by_role or not by_version:
        return questionnaire
    return annotated(questionnaire, by_version.get(questionnaire.version) or [*by_version.values()][-1])


def _missing_for_rules(questionnaire: Questionnaire) -> Iterator[Problem]:
    """What the rules of the form that this belongs to read, and it does not have."""
    return rules_for(questionnaire).needs(questionnaire)
