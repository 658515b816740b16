"""`intake staff`: accounts, added and changed by whoever runs the server; both roles in one need nobody else here."""

from __future__ import annotations

import getpass
import sys
from typing import Final

import click

from intake.accounts import passwords
from intake.accounts import roles as role_rules
from intake.accounts import staff as accounts
from intake.accounts.staff import Role
from intake.cli.opening import open_intake
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
    """Add an account. Without --password-stdin a password is made and printed once."""
    intake = open_intake()
    made, kept = _password(password_stdin)
    wanted = accounts.roles_of(roles)
    with transaction(intake.engine) as sql:
        member = accounts.add(sql, email=email, name=name, roles=wanted, password_hash=kept, now=now())
    click.echo(f"Added {member.email}, {member.role_words}.{made}")


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
    made, kept = _password(password_stdin)
    with transaction(intake.engine) as sql:
        member = accounts.set_password(sql, email, kept, now=now())
    click.echo(f"{member.email} has another password; its sessions were ended.{made}")


def _set_active(email: str, active: bool) -> None:
    with transaction(open_intake().engine) as sql:
        member = accounts.set_active(sql, email, active, now=now())
    click.echo(f"{member.email} is {'active' if active else 'disabled; its sessions were ended'}.")


def _password(from_stdin: bool) -> tuple[str, str]:
    """A line that shows a password, if it was made here, and the hash to keep. Raises WeakPassword."""
    if not from_stdin:
        made = passwords.new_password()
        return f"\nPassword, shown this once: {made}", passwords.hash_password(made)
    typed = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    return "", passwords.hash_password(typed)
