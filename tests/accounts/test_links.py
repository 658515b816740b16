"""One-time links: an invite, another password. They work once, for a day, and tell nobody anything."""

from __future__ import annotations

import io
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from intake.accounts.staff import Role
from intake.web.logs import JsonLines
from tests.accounts.office import CHOSEN, NEW_PASSWORD, admin, come_in, deed, invite, link_in, roles_of, trail
from tests.databases import Database
from tests.staffroom import PASSWORD, House, build

CLOSED = "This link does not open anything"


def test_an_invited_person_chooses_a_password_and_signs_in(house: House):
    ada = admin(house)
    link = link_in(invite(ada, "Bea", "clinician"))
    assert "invited until" in ada.get("/admin/staff").text
    assert house.browser().sign_in("bea@example.org", "").status_code == 422
    bea = come_in(house, link, "Bea")
    assert bea.get("/clinician/").status_code == 200
    assert bea.get("/admin/export").status_code == 403
    assert roles_of(house, "Bea") == {"clinician"}
    assert trail(house, "Bea") == [("invited", "Ada"), ("invite-used", "Bea")]


def test_a_link_works_once(house: House):
    link = link_in(invite(admin(house), "Bea", "clinician"))
    come_in(house, link, "Bea")
    stranger = house.browser()
    assert stranger.get(link).status_code == 404
    stranger.get("/account/login")
    assert (
        stranger.post(
            link, {"new-password": "somebody elses words 5", "new-password-again": "somebody elses words 5"}
        ).status_code
        == 404
    )
    assert house.browser().sign_in("bea@example.org", CHOSEN).status_code == 303


def test_looking_at_a_link_uses_nothing_up(house: House):
    """Programs that look into mail open every link in it."""
    link = link_in(invite(admin(house), "Bea", "clinician"))
    before = house.rows("SELECT * FROM staff_link"), house.rows("SELECT count(*) FROM audit_event")
    for _ in range(3):
        assert house.browser().get(link).status_code == 200
        assert house.browser().client.head(link).status_code == 200
    assert (house.rows("SELECT * FROM staff_link"), house.rows("SELECT count(*) FROM audit_event")) == before
    come_in(house, link, "Bea")


@pytest.mark.parametrize(
    "typed",
    [
        ("short", "short"),
        ("natural-killer-cells", "natural-killer-cells"),
        (CHOSEN, CHOSEN + "x"),
        ("", ""),
        (CHOSEN, ""),
    ],
)
def test_a_password_that_will_not_do_uses_nothing_up(house: House, typed: tuple[str, str]):
    link = link_in(invite(admin(house), "Bea", "clinician"))
    browser = house.browser()
    browser.get(link)
    answer = browser.post(link, {"new-password": typed[0], "new-password-again": typed[1]})
    assert answer.status_code == 422
    assert 'href="#new-password"' in answer.text
    assert not typed[0] or f'value="{typed[0]}"' not in answer.text
    come_in(house, link, "Bea")


def test_a_link_is_over_after_a_day(house: House):
    with time_machine.travel(datetime(2026, 11, 22, 9, 0, tzinfo=UTC), tick=False) as clock:
        link = link_in(invite(admin(house), "Bea", "clinician"))
        clock.shift(timedelta(hours=23, minutes=59))
        assert house.browser().get(link).status_code == 200
        clock.shift(timedelta(minutes=1))
        browser = house.browser()
        assert browser.get(link).status_code == 404
        browser.get("/account/login")
        assert browser.post(link, NEW_PASSWORD).status_code == 404
        assert "invited, no open link" in admin(house).get("/admin/staff").text


def test_a_new_invite_ends_the_older_one_and_says_the_last_word(house: House):
    ada = admin(house)
    first = link_in(invite(ada, "Bea", "clinician"))
    second = link_in(invite(ada, "Bea", "admin"))
    third = link_in(deed(house, ada, "Bea", "link"))
    assert [house.browser().get(link).status_code for link in (first, second, third)] == [404, 404, 200]
    assert house.rows("SELECT count(*) FROM staff_user WHERE email = 'bea@example.org'") == [(1,)]
    come_in(house, third, "Bea")
    assert roles_of(house, "Bea") == {"admin"}


def test_an_invite_can_be_taken_back(house: House):
    ada = admin(house)
    link = link_in(invite(ada, "Bea", "clinician"))
    assert deed(house, ada, "Bea", "link/take-back").status_code == 303
    assert house.browser().get(link).status_code == 404
    assert "There is no open link" in deed(house, ada, "Bea", "link/take-back").text
    assert trail(house, "Bea") == [("invited", "Ada"), ("link-taken-back", "Ada")]


def test_unknown_used_taken_back_and_overdue_links_are_told_apart_by_nobody(house: House):
    with time_machine.travel(datetime.now(UTC) - timedelta(days=2)):
        overdue = link_in(invite(admin(house, "Old"), "Dee", "clinician"))
    ada = admin(house)
    used = link_in(invite(ada, "Bea", "clinician"))
    come_in(house, used, "Bea")
    taken = link_in(invite(ada, "Cleo", "clinician"))
    deed(house, ada, "Cleo", "link/take-back")
    unknown = ["/account/link/" + "A" * 43, "/account/link/x", "/account/link/%00", "/account/link/" + "é" * 400]
    browser = house.browser()
    browser.get("/account/login")
    for method in (browser.get, lambda path: browser.post(path, NEW_PASSWORD)):
        pages = [method(path) for path in (overdue, used, taken, *unknown)]
        assert {page.status_code for page in pages} == {404}
        assert len({page.text for page in pages}) == 1
        assert CLOSED in pages[0].text


def test_only_a_hash_of_the_link_is_stored(house: House):
    token = link_in(invite(admin(house), "Bea", "clinician")).rpartition("/")[2]
    stored = repr(house.rows("SELECT * FROM staff_link")) + repr(house.rows("SELECT * FROM audit_event"))
    assert token not in stored


def test_the_link_is_in_no_log_and_goes_to_no_other_site(house: House):
    link = link_in(invite(admin(house), "Bea", "clinician"))
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("intake")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        browser = house.browser()
        page = browser.get(link)
        browser.post(link, NEW_PASSWORD)
        browser.get(link)
    finally:
        log.removeHandler(handler)
    assert written.getvalue().count('"route": "/account/link/<token>"') == 3
    assert link.rpartition("/")[2] not in written.getvalue()
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_guessing_a_link_is_throttled_and_holding_one_is_not(database: Database):
    house = build(database, INTAKE_RATE_LIMIT="1")
    link = link_in(invite(admin(house), "Bea", "clinician"))
    browser = house.browser()
    browser.get("/account/login")
    short = {"new-password": "short", "new-password-again": "short"}
    answers = [browser.post(f"{link[:-1]}-", short) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    for _ in range(30):
        assert browser.get(link).status_code == 200
        assert browser.post(link, short).status_code == 422


def test_an_invite_needs_a_form_of_ours(house: House):
    link = link_in(invite(admin(house), "Bea", "clinician"))
    assert house.browser().client.post(link, data=NEW_PASSWORD).status_code == 400
    come_in(house, link, "Bea")


@pytest.mark.parametrize(
    ("fields", "words", "control"),
    [
        ([("email", "nonsense"), ("role", "admin")], "is not an email address", "email"),
        ([("email", "ada@example.org"), ("role", "clinician")], "has an account already", "email"),
        ([("email", "ADA@example.org"), ("role", "clinician")], "has an account already", "email"),
        ([("email", "bea@example.org")], "Choose a role", "role"),
        ([("email", "bea@example.org"), ("role", "nurse")], "Choose a role", "role"),
        ([("email", "bea@example.org"), ("role", "clinician"), ("role", "admin")], "Invite with one role", "role"),
    ],
)
def test_an_invite_that_does_not_fit_is_shown_again_with_what_was_typed(
    house: House, fields: list[tuple[str, str]], words: str, control: str
):
    ada = admin(house)
    ada.get("/admin/staff/invite")
    answer = ada.post("/admin/staff/invite", [*fields, ("name", "Bea <b>")])
    assert answer.status_code == 422
    assert answer.text.count(words) == 2
    assert f'href="#{control}"' in answer.text
    assert f'id="{control}"' in answer.text
    assert f'value="{fields[0][1]}"' in answer.text
    assert 'value="Bea &lt;b&gt;"' in answer.text
    assert house.rows("SELECT count(*) FROM staff_user") == [(1,)]


def test_all_that_does_not_fit_an_invite_is_said_at_once(house: House):
    ada = admin(house)
    ada.get("/admin/staff/invite")
    answer = ada.post("/admin/staff/invite", [("email", "nonsense"), ("name", "Bea")])
    assert answer.status_code == 422
    assert "Some things need another look" in answer.text
    assert re.findall(r'<li><a href="#(\w+)">', answer.text) == ["email", "role"]


def test_a_disabled_account_is_not_invited_anew(house: House):
    """Else whoever disabled somebody could come back as them."""
    ada = admin(house)
    house.add_staff("bea@example.org", Role.CLINICIAN)
    deed(house, ada, "Bea", "disable")
    assert "has an account already" in invite(ada, "Bea", "admin").text
    assert "Enable it first" in deed(house, ada, "Bea", "link").text
    assert roles_of(house, "Bea") == {"clinician"}


def test_another_password_by_a_link_ends_the_present_one_when_it_is_used(house: House):
    ada = admin(house)
    bea = house.signed_in(Role.CLINICIAN, email="bea@example.org", name="Bea")
    link = link_in(deed(house, ada, "Bea", "link"))
    assert bea.get("/clinician/").status_code == 200
    assert house.browser().sign_in("bea@example.org").status_code == 303
    come_in(house, link, "Bea")
    assert bea.get("/clinician/").status_code == 303
    assert house.browser().sign_in("bea@example.org").status_code == 422
    assert trail(house, "Bea")[1:] == [("link-made", "Ada"), ("password-reset", "Bea")]


def test_disabling_an_account_ends_its_open_link_and_those_it_made(house: House):
    """Else a link is a way back in."""
    ada, cleo = admin(house), admin(house, "Cleo")
    house.add_staff("bea@example.org", Role.CLINICIAN)
    about_cleo = link_in(deed(house, ada, "Cleo", "link"))
    by_cleo = link_in(deed(house, cleo, "Bea", "link"))
    to_dee = link_in(invite(cleo, "Dee", "admin"))
    assert deed(house, ada, "Cleo", "disable").status_code == 303
    deed(house, ada, "Cleo", "enable")
    assert [house.browser().get(link).status_code for link in (about_cleo, by_cleo, to_dee)] == [404, 404, 404]


def test_losing_the_role_of_an_admin_ends_the_links_that_were_made_with_it(house: House):
    ada, cleo = admin(house), admin(house, "Cleo")
    link = link_in(invite(cleo, "Dee", "admin"))
    assert deed(house, ada, "Cleo", "roles", "clinician").status_code == 303
    assert house.browser().get(link).status_code == 404


def test_nobody_makes_a_link_to_their_own_account(house: House):
    assert "Change your own password" in deed(house, admin(house), "Ada", "link").text
    assert house.rows("SELECT count(*) FROM staff_link") == [(0,)]


def test_the_shell_gives_a_password_to_somebody_whose_link_is_over(house: House):
    from intake.accounts import staff
    from intake.records.database import transaction
    from tests.staffroom import password_hash

    link = link_in(invite(admin(house), "Bea", "clinician"))
    with transaction(house.intake.engine) as sql:
        staff.set_password(sql, "bea@example.org", password_hash(), now=datetime.now(UTC))
    assert house.browser().get(link).status_code == 404
    assert house.browser().sign_in("bea@example.org", PASSWORD).status_code == 303


def test_a_link_leads_to_the_address_that_the_clinic_gave_its_site(database: Database):
    house = build(database, INTAKE_PUBLIC_URL="https://intake.example.org/", INTAKE_TRUSTED_HOSTS="localhost")
    house.app.config["PREFERRED_URL_SCHEME"] = "https"
    assert "https://intake.example.org/account/link/" in invite(admin(house), "Bea", "clinician").text


def test_a_try_out_answers_to_this_machine_alone_so_that_no_link_leads_elsewhere(house: House):
    client = house.app.test_client()
    for host, status in (("localhost", 200), ("127.0.0.1:8000", 200), ("[::1]:8000", 200), ("evil.example", 400)):
        assert client.get("/account/login", headers={"Host": host}).status_code == status, host
