"""Several at the same moment: one admin always stays, a link is used once, one open link an account."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from sqlalchemy import Connection

from intake.accounts import links, roles, staff
from intake.accounts.links import LinkClosed
from intake.accounts.staff import NotAnAdmin, Role, StaffError
from intake.records.audit import Agent
from intake.records.database import transaction
from tests.accounts.office import id_of
from tests.staffroom import House, password_hash

ROUNDS = 10


def together(house: House, *deeds: Callable[[Connection], object]) -> list[str]:
    """Do all of these at the same moment, each in a transaction of its own; how each ended."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[Connection], object]) -> str:
        start.wait()
        try:
            with transaction(house.intake.engine) as sql:
                deed(sql)
        except (StaffError, NotAnAdmin, LinkClosed) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(pool.map(do, deeds))


def admins_left(house: House) -> int:
    statement = (
        "SELECT count(*) FROM staff_user u JOIN staff_role r ON r.user_id = u.id WHERE u.active AND r.role = 'admin'"
    )
    return int(house.rows(statement)[0][0])


def two_admins(house: House) -> tuple[Agent, Agent]:
    for name in ("Ada", "Cleo"):
        house.add_staff(f"{name.lower()}@example.org", Role.ADMIN, name=name)
    return tuple(Agent(id_of(house, name), name, "admin") for name in ("Ada", "Cleo"))  # type: ignore[return-value]


def back(house: House, *agents: Agent) -> None:
    """Everybody active, and an admin again."""
    with transaction(house.intake.engine) as sql:
        for agent in agents:
            staff.set_active(sql, agent.id, True, now=datetime.now(UTC))
            if staff.account(sql, agent.id).roles != {Role.ADMIN}:
                roles.change(sql, agent.id, {Role.ADMIN}, now=datetime.now(UTC))


def test_of_two_admins_who_disable_each_other_one_stays(house: House):
    ada, cleo = two_admins(house)
    now = datetime.now(UTC)
    for _ in range(ROUNDS):
        ends = together(
            house,
            lambda sql: staff.set_active(sql, cleo.id, False, agent=ada, now=now),
            lambda sql: staff.set_active(sql, ada.id, False, agent=cleo, now=now),
        )
        assert ends == ["NotAnAdmin", "done"]
        assert admins_left(house) == 1
        back(house, ada, cleo)


def test_of_two_admins_who_take_each_others_role_one_stays(house: House):
    ada, cleo = two_admins(house)
    now = datetime.now(UTC)
    for _ in range(ROUNDS):
        ends = together(
            house,
            lambda sql: roles.change(sql, cleo.id, {Role.CLINICIAN}, agent=ada, now=now),
            lambda sql: roles.change(sql, ada.id, {Role.CLINICIAN}, agent=cleo, now=now),
        )
        assert ends == ["NotAnAdmin", "done"]
        assert admins_left(house) == 1
        back(house, ada, cleo)


def test_the_shell_and_a_page_at_once_leave_an_admin(house: House):
    ada, cleo = two_admins(house)
    now = datetime.now(UTC)
    for _ in range(ROUNDS):
        ends = together(
            house,
            lambda sql: staff.set_active(sql, cleo.id, False, now=now),
            lambda sql: roles.change(sql, ada.id, {Role.CLINICIAN}, now=now),
        )
        assert ends == ["StaffError", "done"]
        assert admins_left(house) == 1
        back(house, ada, cleo)


def test_a_link_used_by_several_at_once_is_used_by_one(house: House):
    ada, _ = two_admins(house)
    now = datetime.now(UTC)
    for n in range(ROUNDS):
        with transaction(house.intake.engine) as sql:
            made = links.invite(
                sql, email=f"bea{n}@example.org", name="Bea", roles={Role.CLINICIAN}, agent=ada, now=now
            )
        use = [lambda sql, token=made.token: links.use(sql, token, password_hash(), now=now)] * 4
        assert together(house, *use) == ["LinkClosed"] * 3 + ["done"]


def test_invites_of_one_person_at_once_leave_one_account_and_one_link(house: House):
    ada, cleo = two_admins(house)
    now = datetime.now(UTC)
    for n in range(ROUNDS):
        invite = [
            lambda sql, by=by, n=n: links.invite(
                sql, email=f"bea{n}@example.org", name="Bea", roles={Role.CLINICIAN}, agent=by, now=now
            )
            for by in (ada, cleo)
        ]
        assert together(house, *invite) == ["done", "done"]
    assert house.rows("SELECT count(*) FROM staff_link") == [(ROUNDS,)]
    assert house.rows("SELECT count(*) FROM staff_user") == [(ROUNDS + 2,)]


def test_accounts_of_one_address_added_at_once_are_one_and_the_others_are_told(house: House):
    """From the shell, into an empty list of accounts too, where there is no row to hold."""
    for n in range(ROUNDS):
        add = [
            lambda sql, n=n: staff.add(
                sql,
                email=f"bea{n}@example.org",
                name="",
                roles={Role.CLINICIAN},
                password_hash=password_hash(),
                now=datetime.now(UTC),
            )
        ] * 3
        assert together(house, *add) == ["StaffError", "StaffError", "done"]


def test_an_invite_and_an_account_from_the_shell_at_once_are_one(house: House):
    ada, _ = two_admins(house)
    now = datetime.now(UTC)
    for n in range(ROUNDS):
        who = {"email": f"bea{n}@example.org", "name": "Bea", "roles": {Role.CLINICIAN}, "now": now}
        ends = together(
            house,
            lambda sql, who=who: links.invite(sql, agent=ada, **who),
            lambda sql, who=who: staff.add(sql, password_hash=password_hash(), **who),
        )
        assert ends == ["StaffError", "done"]


def test_a_link_and_disabling_at_once_leave_nobody_in(house: House):
    ada, _ = two_admins(house)
    house.add_staff("bea@example.org", Role.CLINICIAN, name="Bea")
    now = datetime.now(UTC)
    for _ in range(ROUNDS):
        with transaction(house.intake.engine) as sql:
            made = links.make(sql, "bea@example.org", agent=ada, now=now)
        together(
            house,
            lambda sql, token=made.token: links.use(sql, token, password_hash(), now=now),
            lambda sql: staff.set_active(sql, "bea@example.org", False, agent=ada, now=now),
        )
        with transaction(house.intake.engine) as sql:
            assert not staff.account(sql, id_of(house, "Bea")).active
            staff.set_active(sql, "bea@example.org", True, now=now)


def test_a_password_that_fitted_a_moment_ago_opens_nothing_any_more(house: House):
    """Comparing takes a while; signing in asks again, in the transaction that begins the session, and holds the account
    meanwhile."""
    two_admins(house)
    house.add_staff("bea@example.org", Role.CLINICIAN, name="Bea")
    bea, now = id_of(house, "Bea"), datetime.now(UTC)
    with transaction(house.intake.engine) as sql:
        assert staff.still_fits(sql, bea, password_hash())
        staff.set_active(sql, bea, False, now=now)
        assert not staff.still_fits(sql, bea, password_hash())
        staff.set_active(sql, bea, True, now=now)
        staff.set_password(sql, bea, "another hash", now=now)
        assert not staff.still_fits(sql, bea, password_hash())
        assert staff.still_fits(sql, bea, "another hash")
        assert not staff.still_fits(sql, "0" * 32, password_hash())
