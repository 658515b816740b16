"""Who may open what: every staff address has a row in the one table, and the table is what happens."""

from __future__ import annotations

import re

import pytest

from intake.accounts.permissions import ANYBODY, PERMISSIONS
from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.records.sessions import SessionKind
from intake.web.sessions import kind_of
from tests.staffroom import House

ID = "0123456789abcdef" * 2
WHO = {"nobody": (), **{role.value: (role,) for role in Role}}


def paths_of(rule: str) -> list[str]:
    """The paths of a rule: one, or one for each kind that it names."""
    path = rule.replace("<record:id>", ID).replace("<int:revision>", "1")
    kinds = re.search(r"<any\(([^)]*)\):\w+>", path)
    return [path.replace(kinds[0], kind) for kind in kinds[1].split(", ")] if kinds else [path]


def staff_routes(house: House) -> list[tuple[str, str, str]]:
    """Every staff address: endpoint, method, a path that fits."""
    found = []
    for rule in house.app.url_map.iter_rules():
        if kind_of(rule.rule) is SessionKind.STAFF:
            found += [
                (rule.endpoint, method, path)
                for method in rule.methods & {"GET", "POST"}
                for path in paths_of(rule.rule)
            ]
    return found


def test_every_staff_address_has_a_row_and_every_row_an_address(house: House):
    assert {endpoint for endpoint, _, _ in staff_routes(house)} == set(PERMISSIONS)


STAFF_DOORS = ("accounts", "staff", "clinician", "admin", "trail", "records")


def test_every_address_of_a_staff_door_is_a_staff_path(house: House):
    for rule in house.app.url_map.iter_rules():
        door = rule.endpoint.partition(".")[0]
        assert (kind_of(rule.rule) is SessionKind.STAFF) == (door in STAFF_DOORS)


@pytest.mark.parametrize("who", WHO)
def test_the_table_is_what_happens(house: House, who: str):
    roles = WHO[who]
    for endpoint, method, path in staff_routes(house):
        if endpoint in ("accounts.sign_out", "accounts.sign_in"):
            continue
        browser = house.signed_in(*roles) if roles else house.browser()
        browser.get("/account/login") if not roles else browser.get("/account/")
        answer = browser.post(path) if method == "POST" else browser.get(path)
        allowed = PERMISSIONS[endpoint]
        if allowed is ANYBODY or allowed.roles & set(roles):
            assert answer.status_code not in (401, 403), (endpoint, answer.status_code)
            assert not answer.headers.get("Location", "").startswith("/account/login"), endpoint
        elif roles:
            assert answer.status_code == 403, (endpoint, answer.status_code)
            assert "This page is not for your account" in answer.text
        else:
            assert answer.status_code == 303, (endpoint, answer.status_code)
            assert answer.headers["Location"].startswith("/account/login")


def test_a_staff_view_without_a_row_answers_nobody(house: House):
    house.app.add_url_rule("/clinician/forgotten", endpoint="clinician.forgotten", view_func=lambda: "open")
    browser = house.signed_in(*Role)
    assert browser.get("/clinician/forgotten").status_code == 403
    assert house.browser().get("/clinician/forgotten").status_code == 403


def test_what_changes_something_is_a_form(house: House):
    """Every address that is only asked for leaves the database as it is; these are all that take a form."""
    paths = {path for _, method, path in staff_routes(house) if method == "POST"}
    deeds = (
        *("roles", "roles/confirm", "roles/turn-away", "link", "link/take-back", "sessions/end", "disable", "enable"),
        "second-factor/reset",
    )
    assert paths == {
        "/account/login",
        "/account/logout",
        "/account/confirm",
        "/account/second-factor",
        "/account/second-factor/set-up",
        "/account/second-factor/recovery-codes",
        "/account/password",
        "/account/sessions/end",
        "/account/link/<token>",
        f"/clinician/responses/{ID}/review",
        "/admin/export.zip",
        "/admin/export.csv",
        "/admin/staff/invite",
        *(f"/admin/staff/{ID}/{deed}" for deed in deeds),
        *(f"/admin/records/{deed}" for deed in ("hold", "release", "erase", "subject-export.zip")),
    }


def test_whatever_changes_an_account_asks_for_the_password_again(house: House):
    """All but what asks for it itself, and what gives and takes a session."""
    themselves = {
        "accounts.sign_in",
        "accounts.sign_out",
        "accounts.confirm",
        "accounts.change_password",
        "accounts.use_link",
        "accounts.second_factor",
    }
    deeds = (
        {endpoint for endpoint, method, _ in staff_routes(house) if method == "POST"}
        - themselves
        - {"clinician.review"}
    )
    asking = {endpoint for endpoint, permission in PERMISSIONS.items() if permission.asks_again}
    assert deeds == asking - {"accounts.second_factor_picture"}


def test_an_admin_learns_nothing_of_a_response_and_nothing_is_recorded_as_seen(house: House):
    from tests.factories import scenarios

    id = house.send(scenarios()[1].response(catalogue.shipped().active))
    browser = house.signed_in(Role.ADMIN)
    for path in ("", "/answers", ".json", "/summary.json"):
        answer = browser.get(f"/clinician/responses/{id}{path}")
        assert answer.status_code == 403
        assert "Siobhán" not in answer.text
    assert house.rows("SELECT count(*) FROM audit_event WHERE action LIKE 'view%'") == [(0,)]
