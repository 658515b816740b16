"""What the tests of the accounts pages share: an admin's browser, the links that pages show, the trail of accounts."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

from intake.accounts.staff import Role
from tests.staffroom import PASSWORD, Browser, House

CHOSEN = "another lantern orbit 7"
NEW_PASSWORD = {"new-password": CHOSEN, "new-password-again": CHOSEN}


def admin(house: House, name: str = "Ada") -> Browser:
    """An admin who was added in the shell, signed in."""
    return house.signed_in(Role.ADMIN, email=f"{name.lower()}@example.org", name=name)


def id_of(house: House, name: str) -> str:
    """The id of somebody's account."""
    return str(house.rows("SELECT id FROM staff_user WHERE email = :email", email=f"{name.lower()}@example.org")[0][0])


def deed(house: House, browser: Browser, name: str, what: str, *roles: str) -> TestResponse:
    """Do something to somebody's account, from its page."""
    place = f"/admin/staff/{id_of(house, name)}"
    browser.get(place)
    return browser.post(f"{place}/{what}", [("role", role) for role in roles])


def invite(browser: Browser, name: str, *roles: str) -> TestResponse:
    """Fill in the page that invites."""
    browser.get("/admin/staff/invite")
    return browser.post(
        "/admin/staff/invite",
        [("email", f"{name.lower()}@example.org"), ("name", name), *(("role", role) for role in roles)],
    )


def link_in(page: TestResponse) -> str:
    """The path of the one-time link that a page shows."""
    assert page.status_code == 200, page.text
    (found,) = re.findall(r"http://localhost(/account/link/[A-Za-z0-9_-]{43})<", unescape(page.text))
    return str(found)


def come_in(house: House, link: str, name: str) -> Browser:
    """Open a link, choose a password, sign in with it."""
    browser = house.browser()
    assert browser.get(link).status_code == 200
    answer = browser.post(link, NEW_PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/login?done=chosen")
    assert browser.sign_in(f"{name.lower()}@example.org", CHOSEN).status_code == 303
    return browser


def roles_of(house: House, name: str) -> set[str]:
    """The roles that an account holds."""
    return {
        str(role) for (role,) in house.rows("SELECT role FROM staff_role WHERE user_id = :id", id=id_of(house, name))
    }


def trail(house: House, name: str) -> list[tuple[str, ...]]:
    """What the trail says of somebody's account, signing in left out."""
    return house.rows(
        "SELECT action, agent_name FROM audit_event WHERE entity_id = :id AND action NOT LIKE 'sign-%' ORDER BY n",
        id=id_of(house, name),
    )


def again(browser: Browser, name: str) -> TestResponse:
    """Sign in anew, after a deed that ended the sessions."""
    return browser.sign_in(f"{name.lower()}@example.org", PASSWORD)
