"""Settings: read once from the environment, typed, or refused with one line that says what to do (docs/settings.md)."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from werkzeug.sansio.utils import host_is_trusted

from intake.consultations.catalogue import NK_INTAKE
from intake.summary.model import ObstetricLine, SummarySettings

PRODUCTION: Final = "production"
TRYOUT: Final = "tryout"
REQUIRED: Final = "required"
OPTIONAL: Final = "optional"
COUNTRIES: Final = ("GB", "IE", "US", "CA", "MX")
"""The countries whose emergency numbers and words the form knows (clinical.md 2.7)."""


class SettingsError(Exception):
    """A setting that is missing, unreadable or unsafe; its one line says what to do. Programs end with status 78."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What this installation is told from outside; `from_environment` says which variable is which field."""

    instance: Path
    database_url: str
    env: str = PRODUCTION
    questionnaire: str = NK_INTAKE
    two_factor: str = REQUIRED
    public_url: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    proxy_hops: int = 0
    rate_limit: bool = True
    plain_http: bool = False
    clinic_name: str = "Your clinic"
    clinic_contact: str | None = None
    clinic_country: str | None = None
    clinic_crisis_line: str | None = None
    clinic_timezone: ZoneInfo = ZoneInfo("UTC")  # noqa: RUF009 - a zone never changes
    consent_file: Path | None = None
    summary: SummarySettings = SummarySettings()  # noqa: RUF009 - frozen
    draft_days: int = 30
    leave_to: str | None = None
    keyring: Path | None = None
    retention_days: int | None = None

    @property
    def tryout(self) -> bool:
        """Whether this is a try-out, which every page says."""
        return self.env == TRYOUT

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are `__Host-` and Secure, and HSTS is sent: the public address is https."""
        return self.public_url is not None and self.public_url.startswith("https://")

    @property
    def public_host(self) -> str | None:
        """The host name that patients open, if it is known."""
        return urlsplit(self.public_url).hostname if self.public_url else None

    def trusts(self, host: str) -> bool:
        """Whether a host name is answered; a try-out answers to this machine's, unless it is told others."""
        if self.tryout and not self.trusted_hosts:
            return is_loopback(host)
        return host_is_trusted(host, self.trusted_hosts)

    @staticmethod
    def names() -> frozenset[str]:
        """Every setting's name."""
        read = EnvironmentReader({})
        Settings._read(read)
        return frozenset(read.names)

    @property
    def keyring_file(self) -> Path:
        """Where the keys of this installation stand."""
        return self.keyring or self.instance / "keyring.json"

    @classmethod
    def from_environment(
        cls, env: Mapping[str, str] | None = None, *, bind: str | None = None, serving: bool = True
    ) -> Settings:
        """The settings of an environment; `bind` is the address that will be served on, where it is known.

        Raises SettingsError for a value that cannot be read and, if this is for `serving`, for the first thing that a
        start must refuse (docs/settings.md; security.md 3.10).
        """
        settings = cls._read(EnvironmentReader(os.environ if env is None else env))
        if settings.clinic_crisis_line and settings.clinic_country is None:
            raise SettingsError(
                "INTAKE_CLINIC_CRISIS_LINE: set INTAKE_CLINIC_COUNTRY too; the line is for patients of that country."
            )
        if serving and (problems := settings.refusals(bind)):
            raise SettingsError(problems[0])
        return settings

    @classmethod
    def _read(cls, read: EnvironmentReader) -> Settings:
        mode = read.one_of("INTAKE_ENV", (PRODUCTION, TRYOUT), PRODUCTION)
        instance = read.folder("INTAKE_INSTANCE", "instance")
        return cls(
            instance=instance,
            database_url=read.text("DATABASE_URL") or f"sqlite:///{instance / 'intake.sqlite3'}",
            env=mode,
            questionnaire=read.text("INTAKE_QUESTIONNAIRE") or NK_INTAKE,
            two_factor=read.one_of(
                "INTAKE_TWO_FACTOR", (REQUIRED, OPTIONAL), REQUIRED if mode == PRODUCTION else OPTIONAL
            ),
            public_url=read.address("INTAKE_PUBLIC_URL"),
            trusted_hosts=read.words("INTAKE_TRUSTED_HOSTS"),
            proxy_hops=read.number("INTAKE_PROXY_HOPS", range(6), 0),
            rate_limit=read.switch("INTAKE_RATE_LIMIT", mode == PRODUCTION),
            plain_http=read.one_of("INTAKE_ALLOW_PLAIN_HTTP", ("loopback", ""), "") == "loopback",
            clinic_name=read.text("INTAKE_CLINIC_NAME") or "Your clinic",
            clinic_contact=read.text("INTAKE_CLINIC_CONTACT"),
            clinic_country=read.one_of("INTAKE_CLINIC_COUNTRY", (*COUNTRIES, ""), "") or None,
            clinic_crisis_line=read.text("INTAKE_CLINIC_CRISIS_LINE"),
            clinic_timezone=read.zone("INTAKE_CLINIC_TIMEZONE"),
            consent_file=read.file("INTAKE_CLINIC_CONSENT_FILE"),
            summary=SummarySettings(
                viability_weeks=read.number("INTAKE_GTPAL_VIABILITY_WEEKS", range(20, 29), 20),
                gtpal_line=read.switch("INTAKE_SUMMARY_GTPAL_LINE"),
                obstetric_line=ObstetricLine(
                    read.one_of("INTAKE_SUMMARY_OBSTETRIC_LINE", tuple(ObstetricLine), ObstetricLine.GTPAL)
                ),
                medical_reasons=read.switch("INTAKE_SUMMARY_MEDICAL_REASONS"),
                infection_names=read.switch("INTAKE_SUMMARY_INFECTION_NAMES"),
            ),
            leave_to=read.link("INTAKE_LEAVE_TO"),
            draft_days=read.number("INTAKE_DRAFT_DAYS", range(1, 366), 30),
            keyring=read.keyring(),
            retention_days=read.days("INTAKE_RETENTION_DAYS"),
        )

    def refusals(self, bind: str | None = None) -> list[str]:
        """Everything that a start would refuse, one line each with its remedy; empty if nothing."""
        loopback = is_loopback(bind) if bind is not None else self.plain_http
        wrong: list[str] = []
        if self.env == PRODUCTION:
            if not self.secure_cookies and not self.plain_http:
                wrong.append(
                    "INTAKE_PUBLIC_URL: set it to the https:// address that patients open (or, to serve this machine "
                    "only, set INTAKE_ALLOW_PLAIN_HTTP=loopback)."
                )
            if not self.trusted_hosts:
                wrong.append(
                    "INTAKE_TRUSTED_HOSTS: set it to the host names this site is reached by, separated by commas."
                )
            if not self.rate_limit and not loopback:
                wrong.append(
                    "INTAKE_RATE_LIMIT: 0 is for a server on this machine only; leave it out, or serve on 127.0.0.1."
                )
        if self.tryout and bind is not None and not loopback:
            wrong.append(
                "INTAKE_ENV: a try-out is served on this machine only; leave --host out, or set INTAKE_ENV=production."
            )
        if self.plain_http and not self.secure_cookies and bind is not None and not loopback:
            wrong.append(
                "INTAKE_ALLOW_PLAIN_HTTP: loopback means that --host is 127.0.0.1, ::1 or localhost; it is another one."
            )
        return wrong


def is_loopback(host: str) -> bool:
    """Whether an address to serve on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class EnvironmentReader:
    """Reads one setting after the other; each method's error names the setting and what it may be."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.names: set[str] = set()

    def text(self, name: str) -> str | None:
        self.names.add(name)
        value = self.env.get(name, "").strip()
        if any(ord(character) < 32 for character in value):
            raise SettingsError(f"{name}: write it in one line, without control characters.")
        return value or None

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name) or default
        if value not in choices:
            raise SettingsError(
                f"{name}: set it to one of {', '.join(choice for choice in choices if choice)}, or leave it out."
            )
        return value

    def switch(self, name: str, default: bool = True) -> bool:
        return self.one_of(name, ("1", "0"), "1" if default else "0") == "1"

    def number(self, name: str, allowed: range, default: int) -> int:
        value = self.text(name) or str(default)
        if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) in allowed):
            raise SettingsError(
                f"{name}: set it to a whole number from {allowed[0]} to {allowed[-1]}, or leave it out."
            )
        return int(value)

    def days(self, name: str) -> int | None:
        return self.number(name, range(1, 36_501), 1) if self.text(name) else None

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word for part in (self.text(name) or "").split(",") if (word := part.strip()))

    def folder(self, name: str, default: str) -> Path:
        path = Path(self.text(name) or default).absolute()
        if path.exists() and not path.is_dir():
            raise SettingsError(f"{name}: {path} is not a folder; name one for the database and the keys.")
        return path

    def keyring(self) -> Path | None:
        """A secret that was mounted, or what systemd hands over as the credential `intake-keyring`."""
        if named := self.text("INTAKE_KEYRING_FILE"):
            return Path(named).absolute()
        credential = Path(self.env.get("CREDENTIALS_DIRECTORY", "")) / "intake-keyring"
        return credential if self.env.get("CREDENTIALS_DIRECTORY") and credential.exists() else None

    def file(self, name: str) -> Path | None:
        value = self.text(name)
        if value is None:
            return None
        path = Path(value).absolute()
        try:
            path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise SettingsError(
                f"{name}: {path} cannot be read as UTF-8 text; name a readable file, or leave it out."
            ) from None
        return path

    def zone(self, name: str) -> ZoneInfo:
        value = self.text(name) or "UTC"
        try:
            return ZoneInfo(value)
        except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
            raise SettingsError(
                f"{name}: {value!r} is not a time zone; set it to a name such as Europe/London, or leave it out."
            ) from None

    def link(self, name: str) -> str | None:
        """A page somewhere."""
        value = self.text(name)
        try:
            parts = urlsplit(value or "https://example.org")
            sound = parts.scheme in ("http", "https") and parts.hostname and not set(value or "") & set(" ;,\"'<>")
        except ValueError:
            sound = False
        if not sound:
            raise SettingsError(f"{name}: set it to the address of a page, such as https://www.example.org/weather.")
        return value

    def address(self, name: str) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            parts.port  # noqa: B018 - raises ValueError for a port that is not one
            whole = parts.scheme in ("http", "https") and parts.hostname
            sound = whole and parts.path in ("", "/") and not parts.query
        except ValueError:
            sound = False
        if not sound:
            raise SettingsError(f"{name}: set it to an address such as https://intake.example.org, without a path.")
        return value.rstrip("/")
