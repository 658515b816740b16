"""`intake staff`: accounts, added and changed by whoever runs the server; both roles in one need nobody else here."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Collection
from typing import Final

import click

from intake.accounts import passwords, second_factor
from intake.accounts import roles as role_rules
from intake.accounts import staff as accounts
from intake.accounts.staff import Role
from intake.cli.opening import open_intake
from intake.config import REQUIRED
from intake.records.database import reading, transaction
from intake.web.extensions import now

_roles_option: Final = click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given twice.",
)
_password_option: Final = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group()
def staff() -> None:
    """Staff accounts."""


@staff.command("add")
@click.argument("email")
@_roles_option
@click.option("--name", default="", help="The name that the audit trail shows; the address if left out.")
@_password_option
def add(email: str, roles: tuple[str, ...], name: str, password_stdin: bool) -> None:
    """Add an account. Without --password-stdin a password is made and printed once; where a second factor is required,
    so is the line that an authenticator app takes it from."""
    intake = open_intake(may_make=True)
    clinic = intake.settings.clinic_name
    made, kept = _password(password_stdin, about=(email, name, clinic))
    wanted = accounts.roles_of(roles)
    secret = second_factor.new_secret() if intake.settings.two_factor == REQUIRED else None
    with transaction(intake.engine) as sql:
        member = accounts.add(sql, email=email, name=name, roles=wanted, password_hash=kept, now=now())
        if secret:
            second_factor.give(sql, member.id, secret, now=now())
    click.echo(f"Added {member.email}, {member.role_words}.{made}")
    if secret:
        click.echo("Second factor, shown this once; an authenticator app takes this line, or a QR code made of it:")
        click.echo(second_factor.otpauth(secret, member.email, clinic))


@staff.command("list")
def list_() -> None:
    """All accounts: address, roles, state (invited, active, disabled), name."""
    with reading(open_intake().engine) as sql:
        members = accounts.everyone(sql)
    for member in members:
        click.echo(f"{member.email}\t{member.role_words}\t{member.state}\t{member.name}")


@staff.command("roles")
@click.argument("email")
@_roles_option
def change_roles(email: str, roles: tuple[str, ...]) -> None:
    """Let an account hold exactly these roles, both of them if need be, and end its open sessions."""
    wanted = accounts.roles_of(roles)
    with transaction(open_intake().engine) as sql:
        role_rules.change(sql, email, wanted, now=now())
    click.echo(f"{email} is {accounts.words_of(wanted)}; its sessions were ended.")


@staff.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Close an account and end its open sessions at once."""
    _set_active(email, False)


@staff.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Open a closed account again."""
    _set_active(email, True)


@staff.command("reset-password")
@click.argument("email")
@_password_option
def reset_password(email: str, password_stdin: bool) -> None:
    """Give an account another password and end its open sessions. Without --password-stdin one is made and printed
    once."""
    intake = open_intake()
    with reading(intake.engine) as sql:
        known = accounts.by_email(sql, email)
    about = (email, known[0].name if known else "", intake.settings.clinic_name)
    made, kept = _password(password_stdin, about)
    with transaction(intake.engine) as sql:
        member = accounts.set_password(sql, email, kept, now=now())
    click.echo(f"{member.email} has another password; its sessions were ended.{made}")


@staff.command("reset-two-factor")
@click.argument("email")
def reset_two_factor(email: str) -> None:
    """Take the second factor of an account away, as after a lost phone, and end its open sessions. The next sign-in
    sets up another."""
    with transaction(open_intake().engine) as sql:
        member = second_factor.reset(sql, email, now=now())
    click.echo(f"{member.email} has no second factor now; its sessions were ended. The next sign-in sets up another.")


def _set_active(email: str, active: bool) -> None:
    with transaction(open_intake().engine) as sql:
        member = accounts.set_active(sql, email, active, now=now())
    click.echo(f"{member.email} is {'active' if active else 'disabled; its sessions were ended'}.")


def _password(from_stdin: bool, about: Collection[str]) -> tuple[str, str]:
    """A line that shows a password, if it was made here, and the hash to keep. Raises WeakPassword."""
    if not from_stdin:
        made = passwords.new_password()
        return f"\nPassword, shown this once: {made}", passwords.hash_password(made)
    typed = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    return "", passwords.hash_password(typed, about)
