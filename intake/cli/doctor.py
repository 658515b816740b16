"""`intake doctor`: what hinders a production start, and what a clinic should look at; one line each with its remedy."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Final

import click
from sqlalchemy import func, select

from intake.accounts import second_factor, staff
from intake.cli.statuses import REFUSED
from intake.config import PRODUCTION, REQUIRED, Settings, SettingsError, is_loopback
from intake.consultations import catalogue
from intake.questionnaire.loader import QuestionnaireError
from intake.records import database
from intake.records.database import reading
from intake.records.errors import CannotStart, RecordsError
from intake.records.tables import EVENTS
from intake.web import proxied
from intake.web.extensions import Installation, is_set_up, now

RELEASED: Final = datetime(2026, 11, 26, tzinfo=UTC)
"""When this version was made (CHANGELOG.md): no clock that is right says less."""
LITTLE_ROOM: Final = 500 * 1024**2
NO_ROOM: Final = 20 * 1024**2
"""Bytes: a clinic's database of a year, and what a single export or backup may need."""
FAR_AHEAD: Final = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: whether a start is refused for it, and what to do, in one line."""

    refused: bool
    words: str

    def __str__(self) -> str:
        return f"{'refused' if self.refused else 'warning'}: {self.words}"


def refuse(words: str) -> Finding:
    """What must be put right."""
    return Finding(True, words)


def warn(words: str) -> Finding:
    """What should be looked at."""
    return Finding(False, words)


@click.command()
@click.option("--host", help="The address you are going to serve on.")
def doctor(host: str | None) -> None:
    """Look at settings, folder, disk, clock, questionnaires, database, keys and accounts as for production. Nothing is
    made or changed. Exit status 78 if something has to be put right before a start."""
    found = list(dict.fromkeys(findings(os.environ, host)))
    for one in sorted(found, key=lambda one: not one.refused):
        click.echo(one, err=True)
    if any(one.refused for one in found):
        sys.exit(REFUSED)
    click.echo("A production start would be accepted.")


def findings(env: Mapping[str, str], host: str | None) -> Iterator[Finding]:
    """Everything that is found. What cannot be read at all hides what stands behind it, and nothing else."""
    try:
        settings = Settings.from_environment({**env, "INTAKE_ENV": PRODUCTION}, serving=False)
        for of_settings in OF_SETTINGS:
            yield from of_settings(settings, env, host)
        yield from _of_the_installation(settings)
    except QuestionnaireError as error:
        yield from map(refuse, error.problems)
    except (SettingsError, CannotStart, RecordsError) as error:
        yield refuse(str(error))
    except OSError as error:
        yield refuse(f"{error.filename or 'The system'}: {error.strerror or error}; give it to this user.")


def _refusals(settings: Settings, _env: Mapping[str, str], host: str | None) -> Iterator[Finding]:
    """What a start refuses."""
    yield from map(refuse, settings.refusals(host))


def _names(_settings: Settings, env: Mapping[str, str], _host: str | None) -> Iterator[Finding]:
    """Names that nothing reads."""
    known = Settings.names()
    for name in sorted(env):
        if name.startswith("INTAKE_") and name not in known:
            near = get_close_matches(name, known, 1, 0.8)
            yield warn(f"{name}: there is no such setting{f'; did you mean {near[0]}?' if near else '; take it out.'}")


def _addresses(settings: Settings, _env: Mapping[str, str], host: str | None) -> Iterator[Finding]:
    """The public address, the names, and the proxy between."""
    own = settings.public_host
    if own and settings.trusted_hosts and not settings.trusts(own):
        yield refuse(
            f"INTAKE_TRUSTED_HOSTS: {own}, the host of INTAKE_PUBLIC_URL, is not among them; patients would be turned "
            "away."
        )
    if settings.secure_cookies and not settings.proxy_hops:
        yield refuse(
            "INTAKE_PROXY_HOPS: set it to 1 for the proxy that brings https; without it everybody has the proxy’s "
            "address, and one guesser slows all."
        )
    if settings.proxy_hops and host is not None and not is_loopback(host):
        yield warn(
            f"--host {host}: whoever reaches this port past the proxy can name any address as theirs; serve on "
            "127.0.0.1, or let a firewall keep others away."
        )
    if settings.two_factor != REQUIRED:
        yield warn("INTAKE_TWO_FACTOR: staff sign in by password alone; leave it out to require a second factor.")


def _words_of_the_clinic(settings: Settings, _env: Mapping[str, str], _host: str | None) -> Iterator[Finding]:
    """What patients read of the clinic."""
    for name, missing, what in (
        ("INTAKE_CLINIC_NAME", settings.clinic_name == "Your clinic", "pages say “Your clinic”"),
        ("INTAKE_CLINIC_CONTACT", not settings.clinic_contact, "patients read no way to reach the clinic"),
        ("INTAKE_CLINIC_COUNTRY", not settings.clinic_country, "no emergency number is named"),
        ("INTAKE_CLINIC_CONSENT_FILE", settings.consent_file is None, "patients read the consent text of the program"),
        ("INTAKE_RETENTION_DAYS", settings.retention_days is None, "sent forms are kept until somebody erases them"),
    ):
        if missing:
            yield warn(f"{name}: it is not set, so that {what}.")


def _folder(settings: Settings, _env: Mapping[str, str], _host: str | None) -> Iterator[Finding]:
    """Where the database and the keys stand: writable, private, with room."""
    folder = settings.instance
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if there == folder:
        yield from _modes(settings)
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(bytes(64 * 1024))
            probe.flush()
    except OSError as error:
        yield refuse(f"{folder}: nothing can be written there ({error.strerror}); give it to this user, or make room.")
        return
    free = shutil.disk_usage(there).free
    if free < LITTLE_ROOM:
        yield Finding(free < NO_ROOM, f"{folder}: {free // 1024**2} MB are free on this disk; make room.")


def _modes(settings: Settings) -> Iterator[Finding]:
    files = [settings.instance, settings.keyring_file, database.file_of(settings.database_url)]
    for path in (one for one in files if one is not None and one.exists()):
        if (others := stat.S_IMODE(path.stat().st_mode) & 0o077) and path.stat().st_uid == os.getuid():
            wanted = "700" if path.is_dir() else "600"
            said = f"{path}: others on this machine may {'change' if others & 0o022 else 'read'} it"
            yield Finding(not path.is_dir() or bool(others & 0o022), f"{said}; run “chmod {wanted} {path}”.")


def _clock(_settings: Settings, _env: Mapping[str, str], _host: str | None) -> Iterator[Finding]:
    """The time, as far as it can be told without asking anybody."""
    moment = now()
    if moment < RELEASED:
        yield refuse(f"The clock says {moment:%Y-%m-%d}, before this version was made; set it.")
    elif moment - RELEASED > FAR_AHEAD:
        yield warn(f"The clock says {moment:%Y-%m-%d}: either it is wrong, or this version is too old to serve.")


Check = Callable[[Settings, Mapping[str, str], str | None], Iterator[Finding]]
OF_SETTINGS: Final[tuple[Check, ...]] = (_refusals, _names, _addresses, _words_of_the_clinic, _folder, _clock)


def _of_the_installation(settings: Settings) -> Iterator[Finding]:
    """What is said of what is there, if anything is."""
    if not is_set_up(settings):
        catalogue.open(settings.instance, settings.questionnaire)
        yield warn("There is no installation yet: begin with “intake staff add”.")
        return
    intake = Installation.open(settings)
    try:
        yield from map(warn, intake.warnings)
        yield from _of_what_is_kept(intake)
    finally:
        intake.engine.dispose()


def _of_what_is_kept(intake: Installation) -> Iterator[Finding]:
    """Accounts, the trail's clock, and what the server noted about its proxy."""
    with reading(intake.engine) as sql:
        last = sql.scalar(select(func.max(EVENTS.c.recorded_at)))
        without, anyone = second_factor.without_one(sql), staff.anyone(sql)
        admin = second_factor.an_admin_has_one(sql)
    if last is not None and last > now() + timedelta(minutes=5):
        yield refuse(f"The clock says {now():%Y-%m-%d %H:%M}, and the trail has an event of {last:%Y-%m-%d %H:%M}.")
    if not anyone:
        yield warn("There is no staff account: add the first with “intake staff add”.")
    elif intake.settings.two_factor == REQUIRED and not admin:
        yield warn("No admin has a second factor, so that staff pages wait: an admin signs in and sets one up.")
    if without and intake.settings.two_factor == REQUIRED:
        yield warn(f"No second factor yet: {', '.join(without)}. Each sets one up at the next sign-in.")
    if said := proxied.noted(intake.settings):
        yield warn(said)
