"""Separation of duties: clinician and admin in one account only by two admins or by the shell, however one goes about
it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intake.accounts import roles, staff
from intake.accounts.staff import Role
from intake.records.database import transaction
from tests.accounts.office import admin, again, come_in, deed, id_of, invite, link_in, roles_of, trail
from tests.staffroom import Browser, House, password_hash

BOTH = ("clinician", "admin")


@pytest.fixture
def ada(house: House) -> Browser:
    """An admin from the shell; Bea, a clinician from the shell, is there too."""
    house.add_staff("bea@example.org", Role.CLINICIAN, name="Bea")
    return admin(house)


def test_one_role_for_another_is_changed_at_once_and_ends_the_sessions(house: House, ada: Browser):
    bea = house.signed_in(Role.CLINICIAN, email="bea@example.org")
    assert deed(house, ada, "Bea", "roles", "admin").headers["Location"].endswith("?done=roles")
    assert roles_of(house, "Bea") == {"admin"}
    assert bea.get("/clinician/").status_code == 303
    again(bea, "Bea")
    assert bea.get("/clinician/").status_code == 403
    assert bea.get("/admin/staff").status_code == 200
    assert house.rows("SELECT agent_name, detail FROM audit_event WHERE action = 'roles-changed'") == [
        ("Ada", "from clinician to admin")
    ]


def test_both_roles_wait_until_another_admin_confirms(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    asked = deed(house, ada, "Bea", "roles", *BOTH)
    assert asked.headers["Location"].endswith("?done=asked")
    assert roles_of(house, "Bea") == {"clinician"}
    page = cleo.get(f"/admin/staff/{id_of(house, 'Bea')}").text
    assert "Waits for a second admin" in page
    assert "<bdi>Ada</bdi> asked on" in page
    assert "waits for a second admin" in cleo.get("/admin/staff").text
    bea = house.signed_in(Role.CLINICIAN, email="bea@example.org")
    assert deed(house, cleo, "Bea", "roles/confirm").status_code == 303
    assert roles_of(house, "Bea") == set(BOTH)
    assert bea.get("/clinician/").status_code == 303
    assert trail(house, "Bea")[1:] == [("roles-requested", "Ada"), ("roles-confirmed", "Cleo")]
    assert "Nothing waits" in deed(house, cleo, "Bea", "roles/confirm").text


def test_who_asked_cannot_confirm(house: House, ada: Browser):
    deed(house, ada, "Bea", "roles", *BOTH)
    page = ada.get(f"/admin/staff/{id_of(house, 'Bea')}").text
    assert "You asked for this; another admin has to confirm it." in page
    assert "roles/confirm" not in page
    answer = deed(house, ada, "Bea", "roles/confirm")
    assert answer.status_code == 422
    assert roles_of(house, "Bea") == {"clinician"}


def test_whom_it_is_about_cannot_confirm(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    deed(house, ada, "Cleo", "roles", *BOTH)
    assert "This is your own account" in deed(house, cleo, "Cleo", "roles/confirm").text
    assert roles_of(house, "Cleo") == {"admin"}


def test_asking_for_oneself_waits_too_and_a_second_admin_may_confirm(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    assert "Ask for both roles" in ada.get(f"/admin/staff/{id_of(house, 'Ada')}").text
    assert deed(house, ada, "Ada", "roles", *BOTH).headers["Location"].endswith("?done=asked")
    assert deed(house, ada, "Ada", "roles/confirm").status_code == 422
    assert roles_of(house, "Ada") == {"admin"}
    assert deed(house, cleo, "Ada", "roles/confirm").status_code == 303
    assert roles_of(house, "Ada") == set(BOTH)


@pytest.mark.parametrize("wanted", [["clinician"], [], ["nurse"]])
def test_nobody_changes_their_own_roles(house: House, ada: Browser, wanted: list[str]):
    admin(house, "Cleo")
    assert deed(house, ada, "Ada", "roles", *wanted).status_code == 422
    assert roles_of(house, "Ada") == {"admin"}


def test_a_request_can_be_turned_away_by_whoever_asked_or_another_admin(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    for who, name in ((ada, "Ada"), (cleo, "Cleo")):
        deed(house, ada, "Bea", "roles", *BOTH)
        assert deed(house, who, "Bea", "roles/turn-away").status_code == 303
        assert trail(house, "Bea")[-2:] == [("roles-requested", "Ada"), ("roles-turned-away", name)]
    assert "Nothing waits" in deed(house, cleo, "Bea", "roles/confirm").text
    assert roles_of(house, "Bea") == {"clinician"}


def test_asking_twice_is_asking_once(house: House, ada: Browser):
    deed(house, ada, "Bea", "roles", *BOTH)
    assert "waits for a second admin already" in deed(house, ada, "Bea", "roles", *BOTH).text
    assert "waits for a second admin already" in deed(house, admin(house, "Cleo"), "Bea", "roles", *BOTH).text
    assert roles_of(house, "Bea") == {"clinician"}


def test_an_admin_who_came_by_the_link_of_who_asks_cannot_confirm(house: House, ada: Browser):
    """Ada makes a second admin an instant ago, whose link she may have opened herself."""
    dee = come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    deed(house, ada, "Bea", "roles", *BOTH)
    answer = deed(house, dee, "Bea", "roles/confirm")
    assert answer.status_code == 422
    assert "must be independent" in answer.text
    assert roles_of(house, "Bea") == {"clinician"}


def test_nor_one_who_came_by_the_link_of_such_a_one(house: House, ada: Browser):
    dee = come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    eve = come_in(house, link_in(invite(dee, "Eve", "admin")), "Eve")
    deed(house, ada, "Bea", "roles", *BOTH)
    assert deed(house, eve, "Bea", "roles/confirm").status_code == 422
    deed(house, ada, "Bea", "roles/turn-away")
    deed(house, eve, "Bea", "roles", *BOTH)
    assert deed(house, ada, "Bea", "roles/confirm").status_code == 422
    assert roles_of(house, "Bea") == {"clinician"}


def test_nor_two_who_both_came_by_links_of_a_third(house: House, ada: Browser):
    dee = come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    eve = come_in(house, link_in(invite(ada, "Eve", "admin")), "Eve")
    deed(house, dee, "Bea", "roles", *BOTH)
    assert deed(house, eve, "Bea", "roles/confirm").status_code == 422
    assert roles_of(house, "Bea") == {"clinician"}


def test_nor_one_whose_password_who_asks_has_just_reset(house: House, ada: Browser):
    admin(house, "Cleo")
    as_cleo = come_in(house, link_in(deed(house, ada, "Cleo", "link")), "Cleo")
    deed(house, ada, "Ada", "roles", *BOTH)
    assert deed(house, as_cleo, "Ada", "roles/confirm").status_code == 422
    assert roles_of(house, "Ada") == {"admin"}


def test_a_password_of_ones_own_choice_does_not_hide_whose_link_it_was(house: House, ada: Browser):
    dee = come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    dee.get("/account/password")
    chosen = {"new-password": "hidden lantern orbit 3", "new-password-again": "hidden lantern orbit 3"}
    assert dee.post("/account/password", {"present-password": "another lantern orbit 7", **chosen}).status_code == 303
    deed(house, ada, "Bea", "roles", *BOTH)
    assert deed(house, dee, "Bea", "roles/confirm").status_code == 422


def test_whom_it_is_about_cannot_confirm_by_an_account_that_they_made(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    dee = come_in(house, link_in(invite(cleo, "Dee", "admin")), "Dee")
    deed(house, ada, "Cleo", "roles", *BOTH)
    assert deed(house, dee, "Cleo", "roles/confirm").status_code == 422
    assert roles_of(house, "Cleo") == {"admin"}


def reset_in_the_shell(house: House, name: str) -> None:
    """`intake staff reset-password`."""
    with transaction(house.intake.engine) as sql:
        staff.set_password(sql, f"{name.lower()}@example.org", password_hash(), now=datetime.now(UTC))


def nobody_confirms(house: House, asking: Browser, confirming: Browser, about: str) -> None:
    """Of these two, neither brings both roles into the account that the other asked for."""
    before = roles_of(house, about)
    deed(house, asking, about, "roles", *BOTH)
    assert deed(house, confirming, about, "roles/confirm").status_code == 422
    assert roles_of(house, about) == before


def test_a_newer_link_of_an_honest_admin_does_not_hide_who_had_the_account_before(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    dee = come_in(house, link_in(deed(house, cleo, "Dee", "link")), "Dee")
    nobody_confirms(house, ada, dee, about="Ada")


def test_nor_is_an_inviter_hidden_whose_own_link_was_never_used(house: House, ada: Browser):
    """Who invites gives the address, and so perhaps is whoever the second link is handed to."""
    cleo = admin(house, "Cleo")
    invite(ada, "Dee", "admin")
    dee = come_in(house, link_in(deed(house, cleo, "Dee", "link")), "Dee")
    nobody_confirms(house, ada, dee, about="Ada")


def test_a_password_from_the_shell_does_not_clean_what_went_through_the_account_before(house: House, ada: Browser):
    """Ada opens a link to Cleo's account and lets Dee in anew with it; then the shell gives Cleo her account back."""
    admin(house, "Cleo")
    come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    as_cleo = come_in(house, link_in(deed(house, ada, "Cleo", "link")), "Cleo")
    dee = come_in(house, link_in(deed(house, as_cleo, "Dee", "link")), "Dee")
    eve = come_in(house, link_in(invite(as_cleo, "Eve", "admin")), "Eve")
    deed(house, ada, "Ada", "roles", *BOTH)
    reset_in_the_shell(house, "Cleo")
    for browser in (dee, eve):
        assert deed(house, browser, "Ada", "roles/confirm").status_code == 422
    assert roles_of(house, "Ada") == {"admin"}
    cleo = house.browser()
    again(cleo, "Cleo")
    assert deed(house, cleo, "Ada", "roles/confirm").status_code == 303


def test_a_password_from_the_shell_ends_what_the_account_had_under_way(house: House, ada: Browser):
    """Else links and requests that Ada made with Cleo's account would count as Cleo's from then on."""
    admin(house, "Cleo")
    house.add_staff("dee@example.org", Role.ADMIN, name="Dee")
    as_cleo = come_in(house, link_in(deed(house, ada, "Cleo", "link")), "Cleo")
    to_dee = link_in(deed(house, as_cleo, "Dee", "link"))
    deed(house, as_cleo, "Bea", "roles", *BOTH)
    reset_in_the_shell(house, "Cleo")
    assert house.browser().get(to_dee).status_code == 404
    assert "Nothing waits" in deed(house, ada, "Bea", "roles/confirm").text
    assert roles_of(house, "Bea") == {"clinician"}


def test_a_link_made_for_an_account_withdraws_what_waits_on_it(house: House, ada: Browser):
    """Ada asks for Bea, opens Bea's account by a link, and Cleo agrees that Bea hold both."""
    cleo = admin(house, "Cleo")
    deed(house, ada, "Bea", "roles", *BOTH)
    assert "What waits for a second admin is withdrawn" in ada.get(f"/admin/staff/{id_of(house, 'Bea')}").text
    made = deed(house, ada, "Bea", "link")
    assert "was withdrawn" in made.text
    assert trail(house, "Bea")[1:] == [("roles-requested", "Ada"), ("roles-turned-away", "Ada"), ("link-made", "Ada")]
    come_in(house, link_in(made), "Bea")
    assert "Nothing waits" in deed(house, cleo, "Bea", "roles/confirm").text
    assert roles_of(house, "Bea") == {"clinician"}


def test_a_link_that_was_made_before_the_request_withdraws_it_when_it_is_used(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    link = link_in(deed(house, ada, "Bea", "link"))
    deed(house, ada, "Bea", "roles", *BOTH)
    come_in(house, link, "Bea")
    assert trail(house, "Bea")[-2:] == [("roles-turned-away", "Bea"), ("password-reset", "Bea")]
    assert "Nothing waits" in deed(house, cleo, "Bea", "roles/confirm").text
    assert roles_of(house, "Bea") == {"clinician"}


def test_whose_link_let_somebody_in_neither_asks_nor_confirms_both_roles_for_them(house: House, ada: Browser):
    """The price, which the page tells: of two other admins one asks and one confirms, or the shell helps."""
    cleo, dee = admin(house, "Cleo"), admin(house, "Dee")
    come_in(house, link_in(invite(ada, "Flo", "clinician")), "Flo")
    answer = deed(house, ada, "Flo", "roles", *BOTH)
    assert (answer.status_code, "must be independent" in answer.text) == (422, True)
    assert "Nothing waits" in deed(house, cleo, "Flo", "roles/confirm").text
    deed(house, cleo, "Flo", "roles", *BOTH)
    assert "must be independent" in ada.get(f"/admin/staff/{id_of(house, 'Flo')}").text
    assert deed(house, ada, "Flo", "roles/confirm").status_code == 422
    assert deed(house, dee, "Flo", "roles/confirm").status_code == 303
    assert roles_of(house, "Flo") == set(BOTH)


def test_nor_does_an_admin_who_came_by_the_same_hands(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    come_in(house, link_in(invite(ada, "Flo", "clinician")), "Flo")
    dee = come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    nobody_confirms(house, dee, cleo, about="Flo")
    deed(house, cleo, "Flo", "roles", *BOTH)
    assert deed(house, dee, "Flo", "roles/confirm").status_code == 422


def test_who_asks_for_themselves_came_by_nobodys_link(house: House, ada: Browser):
    """Ada opens a link to Cleo's account, asks as Cleo, and Dee agrees that Cleo hold both."""
    admin(house, "Cleo")
    dee = admin(house, "Dee")
    as_cleo = come_in(house, link_in(deed(house, ada, "Cleo", "link")), "Cleo")
    nobody_confirms(house, as_cleo, dee, about="Cleo")
    answer = deed(house, as_cleo, "Cleo", "roles", *BOTH)
    assert (answer.status_code, "by no link at all" in answer.text) == (422, True)


def test_an_asker_whose_account_the_confirming_admin_opened_since_counts_as_them(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    deed(house, cleo, "Bea", "roles", *BOTH)
    come_in(house, link_in(deed(house, ada, "Cleo", "link")), "Cleo")
    assert deed(house, ada, "Bea", "roles/confirm").status_code == 422
    assert roles_of(house, "Bea") == {"clinician"}


def test_a_password_from_the_shell_makes_an_admin_a_second_one(house: House, ada: Browser):
    come_in(house, link_in(invite(ada, "Dee", "admin")), "Dee")
    reset_in_the_shell(house, "Dee")
    deed(house, ada, "Bea", "roles", *BOTH)
    dee = house.browser()
    again(dee, "Dee")
    assert deed(house, dee, "Bea", "roles/confirm").status_code == 303
    assert roles_of(house, "Bea") == set(BOTH)


def test_an_account_with_both_roles_gets_no_link(house: House, ada: Browser):
    """Whoever makes a link can open it: one admin alone would hold both roles."""
    house.add_staff("both@example.org", *Role, name="Both")
    answer = deed(house, ada, "both", "link")
    assert answer.status_code == 422
    assert "in the shell only" in answer.text
    assert house.rows("SELECT count(*) FROM staff_link") == [(0,)]


def test_a_link_made_before_does_not_open_an_account_that_got_both_since(house: House, ada: Browser):
    link = link_in(deed(house, ada, "Bea", "link"))
    deed(house, ada, "Bea", "roles", *BOTH)
    deed(house, admin(house, "Cleo"), "Bea", "roles/confirm")
    assert house.browser().get(link).status_code == 404


def test_what_an_admin_asked_for_ends_with_the_admin(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    for what in (("disable",), ("roles", "clinician")):
        again(cleo, "Cleo")
        deed(house, cleo, "Bea", "roles", *BOTH)
        deed(house, ada, "Cleo", *what)
        assert "Nothing waits" in deed(house, ada, "Bea", "roles/confirm").text
        deed(house, ada, "Cleo", "enable")
        deed(house, ada, "Cleo", "roles", "admin")
    assert roles_of(house, "Bea") == {"clinician"}


def test_what_was_asked_for_an_account_ends_when_it_is_disabled_or_gets_other_roles(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    for what in (("disable",), ("roles", "admin")):
        deed(house, ada, "Bea", "roles", *BOTH)
        deed(house, ada, "Bea", *what)
        deed(house, ada, "Bea", "enable")
        assert "Nothing waits" in deed(house, cleo, "Bea", "roles/confirm").text


def test_somebody_who_has_not_come_yet_holds_one_role(house: House, ada: Browser):
    invite(ada, "Dee", "clinician")
    assert "Only an account that is in use" in deed(house, ada, "Dee", "roles", *BOTH).text
    assert deed(house, ada, "Dee", "roles", "admin").status_code == 303
    assert roles_of(house, "Dee") == {"admin"}


def test_one_of_both_roles_is_taken_by_one_admin(house: House, ada: Browser):
    house.add_staff("both@example.org", *Role, name="Both")
    assert deed(house, ada, "both", "roles", "clinician").headers["Location"].endswith("?done=roles")
    assert roles_of(house, "both") == {"clinician"}


def test_the_last_admin_keeps_the_role(house: House, ada: Browser):
    cleo = admin(house, "Cleo")
    invite(ada, "Dee", "admin")  # invited is not yet somebody who can sign in
    assert deed(house, ada, "Cleo", "roles", "clinician").status_code == 303
    again(cleo, "Cleo")
    with pytest.raises(staff.StaffError, match="last admin"), transaction(house.intake.engine) as sql:
        roles.change(sql, "ada@example.org", {Role.CLINICIAN}, now=datetime.now(UTC))
    assert roles_of(house, "Ada") == {"admin"}


@pytest.mark.parametrize("wanted", [["clinician"], []])
def test_roles_that_change_nothing_or_are_none_are_said_to_be(house: House, ada: Browser, wanted: list[str]):
    answer = deed(house, ada, "Bea", "roles", *wanted)
    assert answer.status_code == 422
    assert 'href="#role"' in answer.text
    assert len(trail(house, "Bea")) == 1
