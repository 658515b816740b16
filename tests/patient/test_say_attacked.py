"""What a patient keeps after sending, tried by somebody who can write in the database, on a bad line, in a hurry."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import insert, text, update

from intake.accounts.staff import Role
from intake.patient import coming_back
from intake.patient.step import Step
from intake.records import codes, data_keys, erasing, exporting
from intake.records import sessions as records_sessions
from intake.records.audit import COMMAND_LINE
from intake.records.database import transaction
from intake.records.errors import DatabaseBusy
from intake.records.sealed import CONTENT
from intake.records.tables import RESPONSES, SESSIONS
from tests.patient.test_after_the_session import BORN, OURS, TYPED, come_back, end_sessions
from tests.patient.test_changing import begin_correction, correct, id_of, own
from tests.patient.test_leaving import is_blank
from tests.patient.test_own_copy import opened, sent
from tests.patient.visitor import Visitor
from tests.staffroom import House

Visit = Callable[[], Visitor]


def run(house: House, *statements: str, **values: object) -> None:
    """What somebody with write access to the database, and without the keys, does."""
    with transaction(house.intake.engine) as sql:
        for statement in statements:
            sql.execute(text(statement), values)


def fields_of(visitor: Visitor, action: str) -> list[tuple[str, str]]:
    """What the form of this address sends as it stands."""
    form = next(form for form in visitor.soup.find_all("form") if form["action"] == action)
    return [(name, value) for name, values in visitor.standing(form).items() for value in values]


# -- (c) somebody with write access and without the keys ---------------------------------------------------------------


def test_a_forged_row_of_a_session_is_not_sealed_by_sending_a_correction(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    begin_correction(visitor)
    [(draft,)] = house.rows("SELECT id FROM questionnaire_response WHERE status = 'in-progress'")
    token, now = records_sessions.new_token(), datetime.now(UTC)
    forged = {
        "token_sha256": hashlib.sha256(token.encode()).digest(),
        "kind": "owner",
        "owner": draft,
        "mac": b"x" * 32,
    }
    with transaction(house.intake.engine) as sql:
        sql.execute(insert(SESSIONS), forged | dict.fromkeys(("created_at", "seen_at", "fresh_at"), now))
    attacker = visit()
    attacker.client.cookies.set("intake-patient", token)
    assert attacker.get("/sent").path == "/resume"  # the forged row alone opens nothing
    attacker.client.cookies.set("intake-patient", token)
    visitor.send()
    attacker.get("/sent")
    assert "Amelia Hart" not in attacker.text
    assert attacker.path == "/resume"


def test_a_code_that_was_pointed_at_another_response_opens_nothing(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    victim = id_of(house)
    attacker = visit().begin()
    run(house, "DELETE FROM resume_code WHERE response_id = :id", id=victim)
    run(house, "UPDATE resume_code SET response_id = :id", id=victim)
    attacker.get("/resume").act("continue", [("code", attacker.code)])
    for year in range(1980, 1992):  # the count of wrong dates stands in the same database
        run(house, "DELETE FROM throttle")
        attacker.act("continue", [("code", attacker.code), *BORN[:2], ("birth-date.year", str(year))])
    attacker.act("continue", [("code", attacker.code), *BORN])
    assert "listened" not in attacker.text
    assert attacker.path == "/resume"


def test_a_draft_whose_own_holder_wrote_a_correction_into_it_replaces_nothing(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    victim = id_of(house)
    attacker = visit().begin().go("page-hopes")  # type: ignore[attr-defined]
    attacker.fill(**{"top-questions": "Words of somebody else."}).to_check()
    [(revision,)] = house.rows("SELECT revision FROM questionnaire_response WHERE id = :id", id=victim)
    code = codes.normalise(attacker.code)
    with transaction(house.intake.engine) as sql:
        row = sql.execute(RESPONSES.select().where(RESPONSES.c.status == "in-progress")).one()
        held = sql.execute(text("SELECT wrapped FROM data_key WHERE holder = 'code'")).scalar_one()
        key = data_keys.by_code(held, row.id, code)  # the code alone: no key of the keyring
        document = CONTENT.unseal(key, row.content, row) | {"correction": [victim, revision, "0" * 64]}
        forged = CONTENT.seal(key, document, row)
        sql.execute(update(RESPONSES).where(RESPONSES.c.id == row.id).values(content=forged))
    attacker.get("/check").fill(declare="true")  # type: ignore[attr-defined]
    copy = own(visitor).text
    assert "Words of somebody else." not in copy
    assert "listened" in copy


def test_a_correction_undone_in_the_database_is_refused(visitor: Visitor, house: House) -> None:
    sent(visitor)
    id = id_of(house)
    correct(visitor, "I take an anticoagulant now.")
    run(
        house,
        "UPDATE questionnaire_response SET (status, revision, review_status, content, header) = "
        "(SELECT status, revision, review_status, content, header FROM response_version)",
        "UPDATE response_summary SET content = (SELECT summary FROM response_version)",
        "DELETE FROM response_version",
    )
    answer = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id}")
    assert answer.status_code == 500
    assert "listened" not in answer.text


def test_an_earlier_review_put_beside_what_was_corrected_is_refused(visitor: Visitor, house: House) -> None:
    sent(visitor)
    id = id_of(house)
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get(f"/clinician/responses/{id}")
    clinician.post(f"/clinician/responses/{id}/review", {"note": "Nothing urgent."})
    correct(visitor, "Something else.")
    run(
        house,
        "INSERT INTO review (response_id, reviewer_id, reviewer_name, note, reviewed_at) "
        "SELECT response_id, reviewer_id, reviewer_name, note, reviewed_at FROM response_version",
    )
    page = clinician.get(f"/clinician/responses/{id}").text
    review = page.partition('id="s-rev"')[2]
    assert "Reviewed by" not in review
    assert "Undo: not reviewed yet" not in review


def test_a_review_moved_from_one_earlier_version_to_another_is_refused(visitor: Visitor, house: House) -> None:
    sent(visitor)
    id = id_of(house)
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get(f"/clinician/responses/{id}")
    clinician.post(f"/clinician/responses/{id}/review", {"note": "Nothing urgent."})
    correct(visitor, "Nobody reviewed these words.")
    correct(visitor, "The third.")
    [first, second] = [row[0] for row in house.rows("SELECT revision FROM response_version ORDER BY revision")]
    for name in ("reviewer_id", "reviewer_name", "reviewed_at", "note"):
        run(
            house,
            f"UPDATE response_version SET {name} = (SELECT {name} FROM response_version WHERE revision = :a) "
            "WHERE revision = :b",
            f"UPDATE response_version SET {name} = NULL WHERE revision = :a",
            a=first,
            b=second,
        )
    page = clinician.get(f"/clinician/responses/{id}")
    assert page.status_code == 500 or "reviewed by" not in page.text


def test_a_forged_corrects_takes_no_sent_response_that_is_held_along(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    first = id_of(house)
    other = visit()
    sent(other)
    [(second,)] = house.rows("SELECT id FROM questionnaire_response WHERE id <> :id", id=first)
    with transaction(house.intake.engine) as sql:
        erasing.hold(sql, second, COMMAND_LINE, reason="a court asked", now=datetime.now(UTC))
    run(house, "UPDATE questionnaire_response SET corrects = :first WHERE id = :second", first=first, second=second)
    own(visitor).get("/sent/withdraw").act("withdraw")
    assert house.rows("SELECT id FROM questionnaire_response") == [(second,)]


def test_an_earlier_version_that_is_damaged_does_not_hide_what_stands_now(visitor: Visitor, house: House) -> None:
    sent(visitor)
    correct(visitor, "What stands now.")
    run(house, "UPDATE response_version SET content = :damaged", damaged=b"\0")
    answer = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id_of(house)}")
    assert answer.status_code == 200
    assert own(visitor).status == 200


def test_writing_in_the_database_shows_nobody_elses_answers(visitor: Visitor, visit: Visit, house: House) -> None:
    """The three faults above in a row: without the patient's code, her date of birth, or a key of the clinic."""
    sent(visitor)
    victim = id_of(house)
    attacker = visit().begin().to_check()
    [(revision,)] = house.rows("SELECT revision FROM questionnaire_response WHERE id = :id", id=victim)
    token, now = records_sessions.new_token(), datetime.now(UTC)
    with transaction(house.intake.engine) as sql:
        row = sql.execute(RESPONSES.select().where(RESPONSES.c.status == "in-progress")).one()
        held = sql.execute(text("SELECT wrapped FROM data_key WHERE holder = 'code'")).scalar_one()
        key = data_keys.by_code(held, row.id, codes.normalise(attacker.code))
        document = CONTENT.unseal(key, row.content, row) | {"correction": [victim, revision, "0" * 64]}
        forged = CONTENT.seal(key, document, row)
        sql.execute(update(RESPONSES).where(RESPONSES.c.id == row.id).values(content=forged))
        session = {"token_sha256": hashlib.sha256(token.encode()).digest(), "kind": "owner", "owner": row.id}
        moments = dict.fromkeys(("created_at", "seen_at", "fresh_at"), now)
        sql.execute(insert(SESSIONS), session | moments | {"mac": b"x" * 32})
    attacker.get("/check").fill(declare="true")  # type: ignore[attr-defined]
    assert house.rows("SELECT count(*) FROM response_version") == [(0,)], "nothing was put in its place"
    reader = visit()
    reader.client.cookies.set("intake-patient", token)
    assert "listened" not in reader.get("/sent").text


def test_a_correction_whose_corrects_was_emptied_keeps_nothing_that_was_erased(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    code = begin_correction(visitor).get("/resume-code").words(resume_code="")  # type: ignore[attr-defined]
    run(house, "UPDATE questionnaire_response SET corrects = NULL")
    own(visitor).get("/sent/withdraw").act("withdraw")
    assert "Nothing that you wrote in that form" in visitor.text
    later = visit()
    come_back(later.get("/resume"), code)  # type: ignore[arg-type]
    assert "listened" not in later.text


# -- leave quickly -----------------------------------------------------------------------------------------------------


def test_leave_quickly_is_blank_though_the_form_was_sent_from_another_window(visitor: Visitor) -> None:
    visitor.begin().go("page-reason")
    late = visitor.sent({"own-words": "He must not read this"}, {"then": "leave"})
    visitor.to_check().send()
    visitor.post("/questionnaire/page-reason", late)
    assert "He must not read this" not in visitor.response.text
    assert is_blank(visitor)


def test_leave_quickly_is_blank_though_the_entry_was_removed_in_another_window(visitor: Visitor) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.add("pregnancies", **{"preg-outcome": "miscarriage"})
    place, entry = visitor.path, visitor.path.rpartition("/")[2]
    late = visitor.sent({"preg-notes": "He must not read this"}, {"then": "leave"})
    visitor.go("page-pregnancies").fill(button={"then": f"remove-{entry}"}).act("remove")
    visitor.post(place, late)
    assert "He must not read this" not in visitor.response.text
    assert is_blank(visitor)


def test_leave_quickly_is_blank_though_the_page_came_in_part(visitor: Visitor) -> None:
    """The button stands at the head of the page, the mark at its end."""
    visitor.begin().go("page-hopes")
    part = [one for one in visitor.sent({"top-questions": "Half"}, {"then": "leave"}) if one[0] != "seen"]
    visitor.post("/questionnaire/page-hopes", part)
    assert is_blank(visitor)


def test_leave_quickly_is_blank_though_another_window_filled_the_list(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.begin().go("page-pregnancies-intro").fill(**{"ever-pregnant": "me"}).fill()
    visitor.fill(button={"add": "pregnancies"})
    monkeypatch.setattr(Step, "has_room", lambda *_: False)
    visitor.fill(button={"then": "leave"}, **{"preg-outcome": "miscarriage"})
    assert is_blank(visitor)


@pytest.mark.parametrize("page", ["/check", "/questionnaire/page-hopes"])
def test_leave_quickly_is_blank_though_the_database_is_busy(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    visitor.begin().to_check().get(page)

    def busy(*_: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(coming_back.sessions, "end", busy)
    visitor.act("leave")
    assert visitor.response.text.count("clinic") == 0
    assert visitor.soup.body is not None
    assert visitor.soup.body.get_text(strip=True) == ""


# -- (a) a patient on a bad line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent_elsewhere", [True, False])
def test_words_typed_in_a_correction_that_was_closed_are_not_lost(
    visitor: Visitor, visit: Visit, house: House, sent_elsewhere: bool
) -> None:
    sent(visitor)
    tab = visit()
    tab.code = visitor.code
    own_code = begin_correction(tab).get("/resume-code").words(resume_code="")  # type: ignore[attr-defined]
    tab.go("page-hopes")
    end_sessions(house)
    tab.fill(**TYPED)
    assert "enter your code, and you will find it again" in tab.text
    if sent_elsewhere:
        other = visit()
        come_back(other.get("/resume"), own_code)  # type: ignore[arg-type]
        other.send()
    come_back(tab, visitor.code)
    assert "And then?" in tab.text


def test_begin_a_correction_whose_answer_was_lost_begins_one_when_it_is_pressed_again(
    visitor: Visitor, house: House
) -> None:
    sent(visitor)
    own(visitor).get("/sent/correct")
    fields, before = fields_of(visitor, "/sent/correct"), httpx.Cookies(visitor.client.cookies)
    for _ in range(2):
        visitor.client.cookies.clear()
        visitor.client.cookies.update(before)
        visitor.post("/sent/correct", fields)
    assert visitor.path == "/resume-code"
    assert house.rows("SELECT count(*) FROM questionnaire_response WHERE status = 'in-progress'") == [(1,)]


@pytest.mark.parametrize("cookie", ["still there", "taken away"])
def test_a_withdrawal_whose_answer_was_lost_still_says_that_it_is_erased(visitor: Visitor, cookie: str) -> None:
    sent(visitor)
    own(visitor).get("/sent/withdraw")
    fields, before = fields_of(visitor, "/sent/withdraw"), httpx.Cookies(visitor.client.cookies)
    visitor.act("withdraw")
    assert "Your answers are erased" in visitor.text
    if cookie == "still there":
        visitor.client.cookies.update(before)
    visitor.client.headers.update(OURS)
    visitor.post("/sent/withdraw", fields)
    assert "Everything up to your last saved page is kept" not in visitor.text
    assert "Your answers are erased" in visitor.text


def test_a_correction_that_was_overtaken_is_not_sent_by_the_second_press_on_the_same_page(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    other = visit()
    other.code = visitor.code
    begin_correction(other).go("page-hopes").fill(**{"top-questions": "From the other device."})
    correct(visitor, "From this one.")
    other.get("/check")
    fields = other.sent({"declare": "true"})
    other.client.follow_redirects = False  # the answer of the first press never arrives
    for _ in range(2):
        other.client.post("/submit", data=dict(fields))
    assert house.rows("SELECT count(*) FROM response_version") == [(1,)]


def test_who_was_correcting_what_was_withdrawn_is_not_told_that_it_is_kept(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id_of(house)}")
    correcting = visit()
    correcting.code = visitor.code
    begin_correction(correcting).go("page-hopes")
    own(visitor).get("/sent/withdraw")
    asked = visitor.text
    visitor.act("withdraw")
    correcting.fill(**TYPED)
    assert "Everything up to your last saved page is kept" not in correcting.text
    assert "correction" in asked, "the page says that what was begun goes with it"


def test_the_page_of_a_corrections_code_says_that_the_first_code_is_to_be_kept(visitor: Visitor) -> None:
    sent(visitor)
    own(visitor).get("/sent/correct").act("correct")
    assert "first code" in visitor.text


def test_after_a_withdrawal_no_page_says_that_the_clinician_will_read_it(
    visitor: Visitor, visit: Visit, house: House
) -> None:
    sent(visitor)
    house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id_of(house)}")
    other = visit()
    other.code = visitor.code
    own(other).get("/sent/withdraw").act("withdraw")
    assert "Your clinician will read this before your visit" not in visitor.get("/submitted").text
    assert "Your answers are sent." not in other.get("/").text


def test_a_hold_alone_is_not_told_as_somebody_having_opened_it(visitor: Visitor, house: House) -> None:
    sent(visitor)
    with transaction(house.intake.engine) as sql:
        erasing.hold(sql, id_of(house), COMMAND_LINE, reason="a court asked", now=datetime.now(UTC))
    own(visitor)
    assert opened(visitor) == []
    assert "Somebody at the clinic has opened your answers" not in visitor.get("/sent/withdraw").text
    assert "because somebody had opened them" not in visitor.act("withdraw").text  # type: ignore[attr-defined]


def test_every_page_after_sending_has_the_numbers_of_the_patients_country(visitor: Visitor) -> None:
    sent(visitor)

    def foot() -> str:
        found = visitor.soup.select_one("footer p")
        assert found is not None
        return found.get_text()

    own(visitor)
    wanted = foot()
    assert "999" in wanted
    assert {path: (visitor.get(path), foot())[1] for path in ("/sent/opened", "/sent/correct", "/sent/withdraw")} == (
        dict.fromkeys(("/sent/opened", "/sent/correct", "/sent/withdraw"), wanted)
    )


def test_who_opened_it_counts_what_a_corrections_code_showed(visitor: Visitor, visit: Visit) -> None:
    sent(visitor)
    code = begin_correction(visitor).get("/resume-code").words(resume_code="")  # type: ignore[attr-defined]
    own(visitor).get("/sent/opened")
    before = len(visitor.soup.select(".looks li"))
    helper = visit()
    come_back(helper.get("/resume"), code)  # type: ignore[arg-type]
    assert "listened" in helper.text
    visitor.get("/sent/opened")
    assert len(visitor.soup.select(".looks li")) == before + 1


# -- (b) a clinician in a hurry ----------------------------------------------------------------------------------------


def test_every_page_of_what_was_withdrawn_says_so(visitor: Visitor, house: House) -> None:
    sent(visitor)
    id = id_of(house)
    correct(visitor, "Something else.")
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get(f"/clinician/responses/{id}")
    own(visitor).get("/sent/withdraw").act("withdraw")
    [(revision,)] = house.rows("SELECT revision FROM response_version")
    silent = [
        end
        for end in ("", "/answers", f"/versions/{revision}", "/summary.txt", ".json", "/summary.json")
        if not any(
            word in clinician.get(f"/clinician/responses/{id}{end}").text.lower()
            for word in ("withdrawn", "entered-in-error")
        )
    ]
    assert silent == []


def test_the_note_of_a_review_is_kept_though_it_was_withdrawn_meanwhile(visitor: Visitor, house: House) -> None:
    sent(visitor)
    at = f"/clinician/responses/{id_of(house)}"
    clinician = house.signed_in(Role.CLINICIAN)
    clinician.get(at)
    own(visitor).get("/sent/withdraw").act("withdraw")
    answer = clinician.post(f"{at}/review", {"note": "Call her about the anticoagulant."})
    assert "Call her about the anticoagulant." in answer.text


def test_a_version_that_there_is_not_was_opened_by_nobody(visitor: Visitor, house: House) -> None:
    sent(visitor)
    answer = house.signed_in(Role.CLINICIAN).get(f"/clinician/responses/{id_of(house)}/versions/99")
    assert answer.status_code == 404
    own(visitor)
    assert opened(visitor) == []


def test_undo_on_a_page_from_before_a_correction_takes_no_colleagues_review_away(
    visitor: Visitor, house: House
) -> None:
    sent(visitor)
    id = id_of(house)
    at = f"/clinician/responses/{id}"
    hurried = house.signed_in(Role.CLINICIAN)
    hurried.get(at)
    hurried.post(f"{at}/review", {"note": "Mine."})
    stale = hurried.get(at).text.split('name="revision" value="')[1].split('"')[0]
    correct(visitor, "Something else.")
    colleague = house.signed_in(Role.CLINICIAN, email="other@example.org", name="Dr Adeyemi")
    now = colleague.get(at).text.split('name="revision" value="')[1].split('"')[0]
    colleague.post(f"{at}/review", {"note": "Long note of a colleague.", "revision": now})
    assert "Long note of a colleague." in colleague.get(at).text
    hurried.post(f"{at}/review", {"undo": "1", "revision": stale})
    assert "Long note of a colleague." in colleague.get(at).text


def test_an_export_is_counted_by_the_days_of_the_zone_that_it_was_made_in() -> None:
    """The clinic moved, or its setting was mended, after the export."""
    moment = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # the 22nd, half past seven in the evening, in New York
    asked, then = "for people; sent ..2026-11-22; included: none; reason: -", ZoneInfo("America/New_York")
    detail = exporting.detail_of("csv", datetime(2026, 11, 24, tzinfo=UTC), "nk-intake", asked, then)
    assert exporting.may_hold(detail, moment, "nk-intake", ZoneInfo("America/New_York"))
    assert exporting.may_hold(detail, moment, "nk-intake", ZoneInfo("Europe/London"))


# -- files that travel compressed --------------------------------------------------------------------------------------


def test_a_long_name_of_a_style_sheet_is_not_found(visitor: Visitor) -> None:
    assert visitor.get(f"/static/{'a' * 300}.css").status == 404


# -- (d) words that are not true any more ------------------------------------------------------------------------------


def test_the_help_page_says_that_answers_can_be_changed_after_sending(visitor: Visitor) -> None:
    assert "You can change answers until you send." not in visitor.get("/help").text
