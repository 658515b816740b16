"""The admin's pages about accounts: who there is, and closing, opening and signing out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.accounts.staff import Role
from tests.accounts.office import admin, come_in, deed, id_of, invite, link_in, trail
from tests.staffroom import PASSWORD, House


def rows(page: str) -> list[list[str]]:
    """The table's cells, as text."""
    found = re.findall(r'<tr role="row">(<th role="rowheader".*?)</tr>', page, re.DOTALL)
    cells = (re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in found)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in cells]


def test_the_list_says_who_there_is_and_how_each_stands(house: House):
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False) as clock:
        house.add_staff("dan@example.org", Role.CLINICIAN, name="Dan")
        ada = admin(house)
        clock.shift(timedelta(minutes=3))
        house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea <b>")
        house.signed_in(Role.CLINICIAN, email="bea@example.org")
        deed(house, ada, "Dan", "disable")
        invite(ada, "Cleo", "admin")
        assert rows(ada.get("/admin/staff").text) == [
            ["Ada", "active", "admin", "ada@example.org", "1 session", "22 Nov 2026, 09:00"],
            ["Bea &lt;b&gt;", "active", "clinician", "bea@example.org", "2 sessions", "22 Nov 2026, 09:03"],
            ["Cleo", "invited until 23 Nov 2026, 09:03", "admin", "cleo@example.org", "no session", "never"],
            ["Dan", "disabled", "clinician", "dan@example.org", "no session", "never"],
        ]
        clock.shift(timedelta(minutes=14))
        ada.get("/admin/staff")
        clock.shift(timedelta(minutes=2))
        assert [row[4] for row in rows(ada.get("/admin/staff").text)][:2] == ["1 session", "no session"]


def test_disabling_is_at_once_and_enabling_gives_the_account_back(house: House):
    ada = admin(house)
    bea = house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea")
    done = deed(house, ada, "Bea", "disable")
    assert done.headers["Location"] == f"/admin/staff/{id_of(house, 'Bea')}?done=disabled"
    assert "The account is disabled, and its sessions were ended." in ada.get(done.headers["Location"]).text
    assert bea.get("/clinician/").status_code == 303
    assert house.browser().sign_in("bea@example.org").status_code == 422
    assert deed(house, ada, "Bea", "enable").status_code == 303
    assert bea.get("/clinician/").status_code == 303
    assert house.browser().sign_in("bea@example.org").status_code == 303
    assert trail(house, "Bea")[1:] == [("account-disabled", "Ada"), ("account-enabled", "Ada")]


def test_sessions_of_somebody_else_are_ended_at_once(house: House):
    ada = admin(house)
    browsers = [house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea") for _ in range(3)]
    assert deed(house, ada, "Bea", "sessions/end").status_code == 303
    assert {browser.get("/clinician/").status_code for browser in browsers} == {303}
    assert ada.get("/admin/staff").status_code == 200
    assert trail(house, "Bea")[1:] == [("sessions-ended", "Ada")]
    assert house.browser().sign_in("bea@example.org").status_code == 303


def test_nobody_disables_themselves(house: House):
    ada = admin(house)
    admin(house, "Cleo")
    page = ada.get(f"/admin/staff/{id_of(house, 'Ada')}").text
    assert "/disable" not in page
    answer = deed(house, ada, "Ada", "disable")
    assert answer.status_code == 422
    assert "Nobody disables their own account" in answer.text
    assert ada.get("/admin/staff").status_code == 200


def test_an_admin_who_was_disabled_while_asking_does_nothing_any_more(house: House):
    """The page was asked for by an admin; by the time the deed is done, they are none."""
    from intake.accounts import staff
    from intake.accounts.staff import NotAnAdmin
    from intake.records.audit import Agent
    from intake.records.database import transaction

    admin(house)
    admin(house, "Cleo")
    cleo = Agent(id_of(house, "Cleo"), "Cleo", "admin")
    with transaction(house.intake.engine) as sql:
        staff.set_active(sql, "cleo@example.org", False, now=datetime.now(UTC))
    with pytest.raises(NotAnAdmin), transaction(house.intake.engine) as sql:
        staff.set_active(sql, "ada@example.org", False, agent=cleo, now=datetime.now(UTC))


@pytest.mark.parametrize("what", ["disable", "enable"])
def test_somebody_invited_is_neither_disabled_nor_enabled(house: House, what: str):
    ada = admin(house)
    link = link_in(invite(ada, "Bea", "clinician"))
    answer = deed(house, ada, "Bea", what)
    assert answer.status_code == 422
    assert "has not chosen a password yet" in answer.text
    come_in(house, link, "Bea")


def test_every_deed_asks_for_a_fresh_sign_in_and_keeps_what_was_ticked(house: House):
    house.add_staff("bea@example.org", Role.CLINICIAN, name="Bea")
    place = f"/admin/staff/{id_of(house, 'Bea')}"
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        ada = admin(house)
        ada.get(place)
        clock.shift(timedelta(minutes=6))
        first = ada.post(f"{place}/roles", {"role": "admin"})
        assert (first.status_code, first.headers["Location"]) == (307, f"/account/confirm?post={place}/roles")
        page = ada.post(first.headers["Location"], {"role": "admin"})
        assert '<input type="hidden" name="role" value="admin">' in page.text
        onward = ada.post(first.headers["Location"], {"role": "admin", "password": PASSWORD})
        assert (onward.status_code, onward.headers["Location"]) == (307, f"{place}/roles")
        assert ada.post(onward.headers["Location"], {"role": "admin", "password": PASSWORD}).status_code == 303
    assert house.rows("SELECT role FROM staff_role WHERE user_id = :id", id=id_of(house, "Bea")) == [("admin",)]


def test_an_account_that_is_none_is_not_found(house: House):
    ada = admin(house)
    place = f"/admin/staff/{'0' * 32}"
    ada.get("/admin/staff")
    assert ada.get(place).status_code == 404
    for what in ("roles", "roles/confirm", "link", "disable", "sessions/end"):
        answer = ada.post(f"{place}/{what}", {"role": "admin"})
        assert answer.status_code == 404
        assert "There is no account at this address." in answer.text


def test_a_deed_needs_a_form_of_ours(house: House):
    ada = admin(house)
    house.add_staff("bea@example.org", Role.CLINICIAN, name="Bea")
    place = f"/admin/staff/{id_of(house, 'Bea')}"
    for what in ("disable", "link", "sessions/end"):
        assert ada.client.post(f"{place}/{what}").status_code == 400
        assert ada.client.get(f"{place}/{what}").status_code == 405
    assert len(trail(house, "Bea")) == 1


def test_the_menu_leads_an_admin_to_the_accounts_and_a_clinician_not(house: House):
    assert 'href="/admin/staff"' in admin(house).get("/account/").text
    assert 'href="/admin/staff"' not in house.signed_in(Role.CLINICIAN).get("/account/").text
