"""The one page, the full answers and the JSON show what was stored, word for word, and every look at them is
recorded."""

from __future__ import annotations

import json

import pytest
from bs4 import BeautifulSoup, Tag
from sqlalchemy import text

from intake.accounts.staff import Role
from intake.consultations import catalogue
from intake.questionnaire.fhir_json import response_from_json
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import Answer, PartialDate
from intake.records.database import transaction
from tests.factories import Scenario, random_response, scenarios
from tests.staffroom import Browser, House

VIEWS = {
    "": "view-summary",
    "/answers": "view-answers",
    ".json": "view-fhir",
    "/summary.json": "view-summary-json",
    "/summary.txt": "view-summary-text",
}
SCENARIOS = scenarios()


def soup(answer) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def highlights(page: BeautifulSoup) -> list[tuple[str, str]]:
    return [(line["data-rule"], words(line.span)) for line in page.select("li[data-rule]")]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_page_and_summary_json_say_the_scenarios_highlights_word_for_word(house: House, scenario: Scenario):
    id = house.send(scenario.response(catalogue.shipped().active))
    browser = house.signed_in(Role.CLINICIAN)
    page = soup(browser.get(f"/clinician/responses/{id}"))
    assert highlights(page) == list(scenario.highlights)
    found = json.loads(browser.get(f"/clinician/responses/{id}/summary.json").data)
    assert [(one["rule"], one["text"]) for one in found["highlights"]] == list(scenario.highlights)
    assert found["reference"] == house.reference(id)
    assert page.h1.get_text() == scenario.answers["full-name"]
    whole = page.select(".summary details .events tbody tr") or page.select(".events tbody tr")
    lines = [words(row) for row in whole]
    for event, line in zip(found["timeline"] + found["undated"], lines, strict=True):
        assert event["kind"] in line
        assert " ".join(event["facts"].split()) in line


def test_the_page_has_the_fixed_order(house: House):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    page = soup(house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}"))
    assert [heading.get_text() for heading in page.select(".summary h2")] == [
        "What the patient wants",
        "Timeline",
        "Counts",
        "Reported highlights",
        "Tests",
        "Health, medicines, family, daily life",
        "Not answered",
        "Review",
    ]
    foot = words(page.select("main > p.small")[-1])
    said = "What the patient reported. Not checked, not a diagnosis. Form 1.2.0, printed "
    assert foot.startswith(f"Siobhán Ní Bhriain, {house.reference(id)}. {said}")
    assert foot.endswith(" by Dr Okafor.")


def test_the_counts_box_is_on_the_fertility_path_only(house: House):
    for scenario in SCENARIOS:
        id = house.send(scenario.response(catalogue.shipped().active))
        page = soup(house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}"))
        assert (page.select_one(".counts") is None) == (scenario.counts["gtpal"] == "not asked")
        if box := page.select_one(".gtpal"):
            assert box.get_text() == scenario.counts["gtpal"]


def test_every_highlight_leads_to_the_answers_it_came_from(house: House):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    browser = house.signed_in(Role.CLINICIAN)
    page = soup(browser.get(f"/clinician/responses/{id}"))
    ids = {tag["id"] for tag in soup(browser.get(f"/clinician/responses/{id}/answers")).select("[id]")}
    targets = [link["href"] for link in page.select("a.from")]
    assert targets
    for target in targets:
        path, _, anchor = target.partition("#")
        assert path == f"/clinician/responses/{id}/answers"
        assert anchor in ids


@pytest.mark.parametrize("seed", range(4))
def test_full_answers_hold_every_answer_as_it_was_typed(house: House, seed: int):
    questionnaire = catalogue.shipped().active
    id = house.send(random_response(questionnaire, seed))
    browser = house.signed_in(Role.CLINICIAN)
    stored = response_from_json(
        questionnaire, {**json.loads(browser.get(f"/clinician/responses/{id}.json").data), "status": "completed"}
    )
    answer = browser.get(f"/clinician/responses/{id}/answers")
    for line_break in soup(answer).find_all("br"):
        line_break.replace_with("\n")
    page = BeautifulSoup(answer.text.replace("<br>", "\n"), "html.parser")
    shown: dict[str, list[str]] = {}
    for row in page.select("[data-answer]"):
        shown.setdefault(row["data-answer"], []).append(row.dd.get_text())
    checked = 0
    for link_id, _, said in stored.said():
        for value in said.values:
            if isinstance(value, str):
                assert any(value in cell for cell in shown[link_id]), (link_id, value)
                checked += 1
    assert checked > 3


def test_a_question_left_blank_says_so(house: House):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    page = soup(house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}/answers"))
    row = page.select_one("[data-answer=own-words]")
    assert words(row.dd) == "left blank"


def test_fhir_is_a_response_with_blanks_and_reads_back_equal(house: House):
    questionnaire = catalogue.shipped().active
    id = house.send(SCENARIOS[1].response(questionnaire))
    answer = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}.json")
    assert answer.content_type == "application/fhir+json; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{house.reference(id)}.json"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    resource = json.loads(answer.data)
    assert resource["resourceType"] == "QuestionnaireResponse"
    assert resource["id"] == id
    assert resource["status"] == "completed"
    assert resource["identifier"]["value"] == house.reference(id)
    assert resource["authored"].endswith("Z")
    back = response_from_json(questionnaire, resource)
    name = back.answer("full-name")
    assert name == Answer(("Siobhán Ní Bhriain",))
    assert {"linkId": "own-words", "text": questionnaire.item("own-words").text} in list(leaves(resource))


def leaves(item: dict) -> list[dict]:
    found = [] if "item" in item else [item]
    for below in item.get("item", []):
        found += leaves(below)
    return found


@pytest.mark.parametrize("path", VIEWS)
def test_every_look_is_in_the_trail_with_who_and_what(house: House, path: str):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    browser = house.signed_in(Role.CLINICIAN, name="Dr Okafor")
    assert browser.get(f"/clinician/responses/{id}{path}").status_code == 200
    assert house.rows("SELECT action, agent_name, role, entity_id FROM audit_event WHERE action LIKE 'view%'") == [
        (VIEWS[path], "Dr Okafor", "clinician", id)
    ]


@pytest.mark.parametrize("path", VIEWS)
def test_without_the_trail_nothing_is_shown(house: House, path: str):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    browser = house.signed_in(Role.CLINICIAN)
    with transaction(house.intake.engine) as sql:
        sql.execute(text("ALTER TABLE audit_event RENAME TO out_of_reach"))
    answer = browser.get(f"/clinician/responses/{id}{path}")
    assert answer.status_code == 500
    assert "Siobhán" not in answer.text


@pytest.mark.parametrize("path", VIEWS)
@pytest.mark.parametrize("id", ["0" * 32, "0" * 31, "x" * 32, "A" * 32, "..", "0" * 500])
def test_what_there_is_not_is_not_found(house: House, path: str, id: str):
    answer = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}{path}")
    assert answer.status_code == 404
    assert house.rows("SELECT count(*) FROM audit_event WHERE action LIKE 'view%'") == [(0,)]


DAMAGE = {
    "content": "UPDATE questionnaire_response SET content = (SELECT content FROM questionnaire_response WHERE id = "
    ":other) WHERE id = :id",
    "key": "UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE response_id = :other) WHERE response_id "
    "= :id",
    "no key": "DELETE FROM data_key WHERE response_id = :id",
    "cut short": "UPDATE questionnaire_response SET content = substr(content, 1, 40) WHERE id = :id",
    "summary": "UPDATE response_summary SET content = (SELECT content FROM response_summary WHERE response_id = "
    ":other) WHERE response_id = :id",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_record_is_a_clear_page_and_never_another_patients(house: House, damage: str):
    id, other = (house.send(SCENARIOS[n].response(catalogue.shipped().active)) for n in (1, 0))
    with transaction(house.intake.engine) as sql:
        wanted = {"id": id, "other": other}
        sql.execute(
            text(DAMAGE[damage]), {name: value for name, value in wanted.items() if f":{name}" in DAMAGE[damage]}
        )
    browser = house.signed_in(Role.CLINICIAN)
    for path in VIEWS:
        answer = browser.get(f"/clinician/responses/{id}{path}")
        if damage == "summary" and path in ("/answers", ".json"):
            assert answer.status_code == 200
            continue
        assert answer.status_code == 500
        assert "The stored record is damaged. Tell whoever looks after this system." in answer.text
        assert "tell whoever looks after this program: " in answer.text
        assert "ell the clinic" not in answer.text, "the staff are the clinic"
        assert SCENARIOS[0].answers["full-name"] not in answer.text
    assert browser.get(f"/clinician/responses/{other}").status_code == 200


HOSTILE = "<script>alert(1)</script>“ & {{7*7}} </title><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("path", ["", "/answers"])
def test_what_a_patient_typed_is_text_wherever_it_stands(house: House, path: str):
    questionnaire = catalogue.shipped().active
    response = (
        SCENARIOS[1]
        .response(questionnaire)
        .with_answers(
            {link_id: Answer((HOSTILE,)) for link_id in ("full-name", "address-as", "own-words", "top-questions")}
        )
    )
    id = house.send(response)
    page = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}{path}").text
    found = BeautifulSoup(page, "html.parser")
    assert found.find_all(["script", "img"]) == []
    assert "alert(1)" in found.get_text()
    assert "{{7*7}}" in found.get_text()


def mark(browser: Browser, id: str, **data: str):
    browser.get(f"/clinician/responses/{id}")
    return browser.post(f"/clinician/responses/{id}/review", data)


def test_a_long_note_is_kept_whole(house: House):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    browser = house.signed_in(Role.CLINICIAN)
    mark(browser, id, note="word " * 799 + "end")
    assert "word word end" in browser.get(f"/clinician/responses/{id}").text


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("x" * 4001, "Shorten the note to 4000 characters."),
        ("one \x00 two", "Remove the characters that cannot be shown."),
        ("one \x1b[31m two", "Remove the characters that cannot be shown."),
    ],
)
def test_a_note_that_will_not_do_is_shown_again_as_it_was_typed(house: House, note: str, said: str):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    browser = house.signed_in(Role.CLINICIAN)
    answer = mark(browser, id, note=note)
    assert answer.status_code == 422
    assert said in answer.text
    assert note.replace("\x00", "\ufffd") in answer.text or note in answer.text
    assert "Reviewed by" not in browser.get(f"/clinician/responses/{id}").text
    assert house.rows("SELECT count(*) FROM review") == [(0,)]


def test_reviewed_with_a_note_and_undone_again(house: House):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    browser = house.signed_in(Role.CLINICIAN, name="Dr Okafor")
    assert mark(browser, id, note="  Rang <her>.\r\nFine. ").headers["Location"] == f"/clinician/responses/{id}#s-rev"
    page = browser.get(f"/clinician/responses/{id}").text
    assert "Reviewed by <bdi>Dr Okafor</bdi>, " in page
    assert "<bdi>Rang &lt;her&gt;.</bdi><br><bdi>Fine.</bdi>" in page
    house.intake.engine.dispose()
    assert b"Rang <her>" not in b"".join(house.database.files().values())
    assert mark(browser, id, undo="1").status_code == 303
    page = browser.get(f"/clinician/responses/{id}").text
    assert "Mark as reviewed" in page
    assert "Rang" not in page
    assert mark(browser, id, undo="1").status_code == 303
    actions = [row[0] for row in house.rows("SELECT action FROM audit_event WHERE action LIKE '%review%' ORDER BY n")]
    assert actions == ["review", "unreview"]


def test_two_who_review_at_once_do_not_overwrite_one_another(house: House):
    id = house.send(SCENARIOS[1].response(catalogue.shipped().active))
    one = house.signed_in(Role.CLINICIAN, email="one@example.org", name="Dr One")
    two = house.signed_in(Role.CLINICIAN, email="two@example.org", name="Dr Two")
    two.get(f"/clinician/responses/{id}")
    assert mark(one, id, note="first").status_code == 303
    answer = two.post(f"/clinician/responses/{id}/review", {"note": "second"})
    assert answer.status_code == 409
    assert "This was reviewed already" in answer.text
    assert "Reviewed by <bdi>Dr One</bdi>" in one.get(f"/clinician/responses/{id}").text


def test_a_response_of_almost_nothing_has_its_page(house: House):
    response = QuestionnaireResponse(catalogue.shipped().active.canonical).with_answers(
        {"full-name": Answer(("Ann",)), "birth-date": Answer((PartialDate(1990, 1, 1),))}
    )
    id = house.send(response)
    browser = house.signed_in(Role.CLINICIAN)
    for path in VIEWS:
        assert browser.get(f"/clinician/responses/{id}{path}").status_code == 200
