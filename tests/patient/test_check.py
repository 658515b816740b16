"""The check page, sending once, and the confirmation."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from intake.accounts.staff import Role
from tests.patient.visitor import YOU, Visitor
from tests.staffroom import House


def line(visitor: Visitor, link_id: str) -> str:
    found = visitor.soup.select(f'.answers [data-link-id="{link_id}"] dd')
    assert found, f"no line for {link_id}"
    return found[0].get_text()


def test_every_question_shown_stands_there_with_its_answer_or_why_there_is_none(visitor: Visitor) -> None:
    visitor.begin().go("page-reason").fill(**{"own-words": "two\nlines"}).go("page-now").fill(
        **{"pregnant-now": "declined"}
    ).to_check()
    assert line(visitor, "full-name") == "Amelia Hart"
    assert line(visitor, "birth-date") == "18 Apr 1992"
    assert line(visitor, "consent") == "Yes"
    assert line(visitor, "own-words") == "two\nlines"
    assert line(visitor, "pregnant-now") == "I'd rather not say"
    assert line(visitor, "phone") == "Left blank"
    assert visitor.soup.select('.answers [data-link-id="pregnant-weeks"]') == []


def test_a_page_left_with_an_answer_was_reached_and_one_never_opened_was_not(visitor: Visitor) -> None:
    visitor.begin().go("page-life").fill(button={"then": "later"}, stress="little").get("/check")
    assert line(visitor, "habits") == "Left blank"
    assert line(visitor, "family-history") == "Page not opened yet"


def test_entries_stand_under_their_names(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    for outcome in ("miscarriage", "ectopic"):
        visitor.add("pregnancies", **{"preg-outcome": outcome}).fill()
    visitor.to_check()
    assert [one.get_text() for one in visitor.soup.find_all("h3")] == ["Pregnancy 1", "Pregnancy 2"]
    assert visitor.find(list="") is None
    assert visitor.soup.select_one('[data-link-id="preg-weeks"] a .vh') is not None


def change(visitor: Visitor, link_id: str, number: int = 0) -> Visitor:
    visitor.press(visitor.soup.select(f'[data-link-id="{link_id}"] [data-action="change"]')[number])
    return visitor


def test_change_leads_back_to_the_check_page(visitor: Visitor) -> None:
    change(visitor.begin().to_check(), "full-name")
    assert visitor.path == "/questionnaire/page-you"
    visitor.fill(**{"full-name": "Amelia Jane Hart"})
    assert visitor.path == "/check"
    assert line(visitor, "full-name") == "Amelia Jane Hart"


def test_an_error_on_the_way_back_is_not_in_the_way(visitor: Visitor) -> None:
    change(visitor.begin().to_check(), "full-name").fill(**{"full-name": ""})
    assert visitor.errors == ["Write the full name"]
    assert visitor.fill(**{"full-name": "A"}).path == "/check"


def test_a_change_that_opens_pages_goes_through_those_first(visitor: Visitor) -> None:
    change(visitor.begin(["other"]).to_check(), "visit-reasons").fill(**{"visit-reasons": "trying"})
    for page in ("page-pregnancies-intro", "page-trying", "page-treatment"):
        assert visitor.path == f"/questionnaire/{page}"
        visitor.fill()
    assert visitor.path == "/check"


def test_a_question_that_a_change_opens_on_a_page_done_before_is_seen(visitor: Visitor) -> None:
    change(visitor.begin(["other"]).to_check(), "visit-reasons").fill(**{"visit-reasons": "nk-results"})
    assert visitor.path == "/questionnaire/page-hopes"
    assert "nk-knowledge" in visitor.asked
    for page in ("page-pregnancies-intro", "page-treatment"):
        assert visitor.fill().path == f"/questionnaire/{page}"
    assert visitor.fill().path == "/check"


def test_an_entry_is_changed_from_the_check_page_and_leads_back(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill().to_check()
    change(visitor, "preg-weeks").fill(**{"preg-weeks": "8"})
    assert visitor.path == "/check"
    assert line(visitor, "preg-weeks") == "8"
    change(visitor, "preg-outcome").fill(**{"preg-outcome": "ectopic"})
    assert "preg-weeks" in visitor.asked
    assert visitor.fill().path == "/check"


def test_entries_added_on_the_way_back_lead_to_their_list_and_then_back(visitor: Visitor) -> None:
    visitor.begin().go("page-health").fill(**{"health-checklist": "autoimmune"}).fill().to_check()
    visitor.press(visitor.soup.select_one('main a[href*="page-autoimmune"]'))
    visitor.add("autoimmune", **{"autoimmune-condition": "lupus"}).fill()
    assert visitor.path == "/questionnaire/page-autoimmune"
    assert visitor.fill().path == "/check"


def test_hidden_answers_are_counted_kept_and_not_sent(visitor: Visitor, house: House) -> None:
    change(visitor.begin(["trying"]).to_check(), "trying-time").fill(**{"trying-time": "1-2y"})
    change(visitor, "visit-reasons").fill(**{"visit-reasons": "other"})
    assert "1 answer is no longer needed and will not be sent." in visitor.text
    change(visitor, "visit-reasons").fill(**{"visit-reasons": "trying"})
    assert visitor.path == "/check"
    assert line(visitor, "trying-time") == "1 year, but less than 3 years"
    change(visitor, "visit-reasons").fill(**{"visit-reasons": "other"})
    visitor.send()
    assert "trying-time" not in json.dumps(sent_document(house))


def sent_document(house: House) -> dict[str, object]:
    """What the clinic can open of the one response sent."""
    from intake.records import audit, sent
    from intake.records.audit import Agent, AuditAction
    from intake.records.database import transaction

    [(id,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'completed'")
    with transaction(house.intake.engine) as sql:
        reader = Agent("test", "test", "clinician")
        audit.record(sql, AuditAction.VIEW_ANSWERS, reader, audit.response(id), now=datetime.now(UTC))
        return sent.open(sql, house.intake.keyring, id).document


@pytest.mark.parametrize(
    ("chosen", "words"),
    [({"loss-words.other": "our <Bean>"}, "“our <Bean>”"), ({"loss-words": "baby"}, "“loss of my baby”")],
)
def test_the_words_chosen_for_a_loss_are_said_back(visitor: Visitor, chosen: dict[str, str], words: str) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill(**{"loss-count": "1", **chosen})
    visitor.get("/check")
    assert f"We will use your words: {words}." in visitor.text
    visitor.send()
    assert f"We will use your words: {words}." in visitor.text


def test_no_words_are_promised_to_somebody_who_does_not_mind(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"})
    visitor.fill(**{"loss-count": "1", "loss-words": "no-preference"}).to_check()
    assert "We will use your words" not in visitor.text


def test_the_statement_is_required(visitor: Visitor) -> None:
    visitor.begin().to_check().fill()
    assert visitor.path == "/submit"
    assert visitor.errors == ["Tick the box to send your answers"]
    assert visitor.soup.title is not None
    assert visitor.soup.title.get_text().startswith("Error: ")
    assert len(visitor.send()) == 9


def test_sending_is_done_once_however_often_it_is_pressed(visitor: Visitor, house: House) -> None:
    visitor.begin().to_check()
    sent = visitor.sent({"declare": "true"})
    references = {visitor.post("/submit", sent).find(reference="").get_text(strip=True) for _ in range(3)}
    assert len(references) == 1
    assert house.rows("SELECT count(*) FROM questionnaire_response WHERE status = 'completed'") == [(1,)]
    assert house.rows("SELECT count(*) FROM response_summary") == [(1,)]
    assert house.rows("SELECT count(*) FROM audit_event WHERE action = 'send'") == [(1,)]


def test_sending_clears_what_the_browser_kept_of_the_form(visitor: Visitor) -> None:
    visitor.begin().to_check().send()
    cleared = [one for one in visitor.response.history if one.headers.get("Clear-Site-Data") == '"cache"']
    assert [one.url.path for one in cleared] == ["/submit"]


def test_what_is_sent_holds_the_agreement_the_pages_done_and_when(visitor: Visitor, house: House) -> None:
    visitor.begin().to_check().send()
    document = sent_document(house)
    agreement = document["consent"]
    assert isinstance(agreement, dict)
    assert len(agreement["version"]) == 12
    assert agreement["language"] == "en"
    assert document["status"] == "completed"
    [(sent_at,)] = house.rows("SELECT authored_at FROM questionnaire_response")
    stored = datetime.fromisoformat(str(sent_at))  # SQLite gives UTC without saying so
    authored = datetime.fromisoformat(str(document["authored"]))
    assert authored == (stored if stored.tzinfo else stored.replace(tzinfo=UTC))
    assert "resume_code" not in document
    assert "page-check" in json.dumps(document["done"])


def test_after_sending_the_session_opens_only_the_confirmation(visitor: Visitor) -> None:
    reference = visitor.begin().to_check().send()
    for path in ("/check", "/questionnaire/page-you", "/resume-code", "/go-on", "/submitted"):
        visitor.get(path)
        assert visitor.path == "/submitted"
        assert visitor.words(reference="") == reference


def test_the_start_page_knows_a_form_that_goes_on_from_one_that_is_sent(visitor: Visitor) -> None:
    assert "Go on with my form" not in visitor.get("/").text
    visitor.begin().to_check()
    assert "Go on with my form" in visitor.get("/").text
    visitor.get("/check")
    visitor.send()
    start = visitor.get("/").text
    assert "Go on with my form" not in start
    assert "Your answers are sent." in start
    assert visitor.press(visitor.soup.find("a", string="See my reference")).path == "/submitted"


def test_the_confirmation_says_how_the_clinic_gets_in_touch_and_who_helps(visitor: Visitor) -> None:
    visitor.begin().go("page-contact").fill(**{"contact-safe": "phone-no-messages", "phone": "1"}).to_check().send()
    assert "The clinic will reach you by phone only and leave no messages, as you asked." in visitor.text
    assert "Samaritans on 116 123 , NHS 111" in visitor.text
    assert visitor.soup.select_one('main a[href="tel:999"]') is not None
    assert visitor.soup.select_one('footer a[href="tel:999"]') is not None
    visitor.act("leave")
    assert visitor.get("/submitted").response.status_code == 404


def test_a_blank_is_no_yes_to_messages(visitor: Visitor) -> None:
    visitor.begin().to_check().send()
    assert "You did not say how, so it will take care with messages." in visitor.text


def test_a_page_that_needs_an_answer_again_is_asked_before_sending(visitor: Visitor) -> None:
    visitor.begin().to_check()
    other = visitor.sent({"declare": "true"})
    visitor.go("page-reason")
    visitor.fill(button={"then": "later"}, **{"visit-reasons": []})
    visitor.post("/submit", other)
    assert visitor.path == "/questionnaire/page-reason"


def test_saving_for_later_on_the_check_page_shows_the_code(visitor: Visitor) -> None:
    visitor.begin().to_check().fill(button={"then": "later"})
    assert visitor.path == "/resume-code"
    visitor.act("continue")
    assert visitor.path == "/check"


def test_the_summary_is_stored_with_the_answers(visitor: Visitor, house: House) -> None:
    visitor.begin().to_check().send()
    assert house.rows("SELECT count(*) FROM response_summary") == [(1,)]
    assert YOU["full-name"] == "Amelia Hart"


def test_what_was_typed_and_is_no_answer_is_listed_and_never_sent(visitor: Visitor, house: House) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me", "pregnancy-count": "2"}).fill()
    visitor.go("page-pregnancies-intro").fill(button={"then": "back"}, **{"pregnancy-count": "many, I lost count"})
    visitor.go("page-pregnancies").to_check()
    [line] = visitor.soup.select("[data-as-typed]")
    assert line["data-link-id"] == "pregnancy-count"
    assert "You typed “many, I lost count”. It is not an answer yet, so it will not be sent." in line.get_text(" ")
    visitor.press(line.select_one("a"))
    assert visitor.value("pregnancy-count") == ["many, I lost count"]
    visitor.get("/check").send()
    [(id,)] = house.rows("select id from questionnaire_response where status = 'completed'")
    kept = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}.json").text
    assert '"valueInteger":2' in kept.replace(" ", "")
    assert "lost count" not in kept


def test_change_comes_back_to_the_row_that_was_changed(visitor: Visitor) -> None:
    visitor.begin().fill().fill().fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"}).fill(**{"preg-ended.year": "2019"}).to_check()
    change = visitor.soup.select_one('[data-link-id="phone"] a')
    visitor.press(change).fill(phone="+44 20 7946 0000")
    assert visitor.response.history[-1].headers["Location"] == "/check#row-phone"
    assert "7946" in visitor.soup.select_one("#row-phone").get_text()  # type: ignore[union-attr]
    change = visitor.soup.select_one('[data-link-id="preg-ended"] a')
    visitor.press(change).fill(**{"preg-ended.year": "2020"})
    row = visitor.soup.find(id=visitor.response.history[-1].headers["Location"].partition("#")[2])
    assert "2020" in row.get_text()  # type: ignore[union-attr]


def test_what_was_left_blank_stands_together_behind_what_was_answered(visitor: Visitor) -> None:
    visitor.begin().to_check()
    groups = [
        (["Left blank" in row.get_text() for row in part.find_all("div", recursive=False)], "blank" in part["class"])
        for part in visitor.soup.select("main dl.answers")
    ]
    assert {apart for _, apart in groups} == {True, False}
    assert all(set(blank) == {apart} for blank, apart in groups)
    assert visitor.soup.select('.blank [data-link-id="own-words"] a[data-action="change"]') != []
