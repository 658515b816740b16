"""One step without a browser: a draft and what was sent give what is kept, and where to go or what to show."""

from __future__ import annotations

import random
import sys
from datetime import UTC, date, datetime

import pytest
from werkzeug.datastructures import MultiDict

from intake.answers.document import StoredDocument
from intake.consultations import catalogue
from intake.forms.fields import BadForm
from intake.patient.notices import GentleChecks
from intake.patient.step import Step
from intake.patient.steps import Press, PressedButton, StepContext, StepOutcome, as_typed, still_done, take_step
from intake.questionnaire.journey import newly_shown
from intake.questionnaire.response import QuestionnaireResponse
from intake.questionnaire.values import Answer, Coding, PartialDate
from intake.summary.model import SummarySettings
from tests.factories import random_response

CONTEXT = StepContext(datetime(2026, 11, 22, 9, tzinfo=UTC), "v1", GentleChecks(SummarySettings(), date(2026, 11, 22)))
ENTRY = "0123456789abcdef"


def chosen(*codes: str) -> Answer:
    return Answer(tuple(Coding(code) for code in codes))


def draft(done: tuple[str, ...] = (), **answers: Answer) -> StoredDocument:
    """A draft with what is required, and these answers."""
    form = catalogue.shipped().active
    required = {
        "respondent": chosen("self"),
        "consent": Answer((True,)),
        "full-name": Answer(("Amelia Hart",)),
        "birth-date": Answer((PartialDate(1992, 4, 18),)),
        "country": chosen("GB"),
        "email": Answer(("a@example.org",)),
        "visit-reasons": chosen("pregnancy-loss"),
    }
    answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
    response = QuestionnaireResponse(form.canonical).with_answers(required | answers)
    return StoredDocument(form, response, frozenset(done))


def page(draft: StoredDocument, link_id: str, **more: str) -> Step:
    return Step(draft.questionnaire.item(link_id), **more)


def unmarked(step: Step, draft: StoredDocument) -> str:
    """What a page says that it had seen, without the mark of its drawing."""
    return step.seen(draft).partition("-")[0]


def send(before: StoredDocument, step: Step, seen: str | None = None, **sent: str | list[str]) -> StepOutcome:
    """Send this from the page as it stands."""
    fields = {name.replace("_", "-").replace("--", "."): value for name, value in sent.items()}
    form = MultiDict(fields | {"seen": seen or unmarked(step, before)})
    return take_step(before, step, form, CONTEXT)


def pregnancy(before: StoredDocument, *, first: bool) -> Step:
    rows = before.questionnaire.item("pregnancies")
    return Step(before.questionnaire.page_of("pregnancies"), rows, ENTRY, first)


def test_what_is_sent_is_in_the_draft_that_is_kept_and_the_next_page_follows() -> None:
    before = draft()
    outcome = send(before, page(before, "page-you"), full_name="Ana Ruiz", birth_date__year="1990", country="IE")
    assert outcome.to == "/questionnaire/page-you", "a date of birth needs its day"
    assert problems(outcome, page(before, "page-you")) == ["birth-date"]
    assert outcome.draft.response.answer("full-name").own_words == "Ana Ruiz"
    assert outcome.draft.response.answer("birth-date") == before.response.answer("birth-date")
    sent = {"birth_date__day": "1", "birth_date__month": "May", "birth_date__year": "1990"}
    outcome = send(before, page(before, "page-you"), full_name="Ana Ruiz", country="IE", **sent)
    assert outcome.to == "/questionnaire/page-contact"
    assert outcome.draft.response.answer("birth-date").date == PartialDate(1990, 5, 1)
    assert "page-you" in outcome.draft.done
    assert before.response.answer("full-name").own_words == "Amelia Hart", "the draft before is another value"


def problems(outcome: StepOutcome, step: Step) -> list[str]:
    """The questions that are marked on the page when it is opened next."""
    typed = as_typed(outcome.draft, step, CONTEXT.checks.today)
    return [problem.field for problem in typed.problems] if typed else []


def test_a_page_that_needs_an_answer_is_shown_again_with_what_was_typed() -> None:
    before = draft()
    outcome = send(before, page(before, "page-you"), full_name=" ", country="GB")
    assert outcome.to == "/questionnaire/page-you"
    assert problems(outcome, page(before, "page-you")) == ["full-name", "birth-date"]
    assert "page-you" not in outcome.draft.done
    left = send(outcome.draft, page(before, "page-you"), full_name=" ", country="GB", then="back")
    assert problems(left, page(before, "page-you")) == [], "who goes back is asked for nothing"


def test_to_leave_asks_for_nothing_and_leads_to_the_code() -> None:
    before = draft()
    outcome = send(before, page(before, "page-you"), then="later", full_name="")
    assert outcome.to == "/resume-code"
    assert outcome.draft.response.answer("full-name").is_empty
    assert "page-you" not in outcome.draft.done


def test_a_page_changed_from_the_check_page_leads_back_to_it_over_what_is_not_done_yet() -> None:
    pages = tuple(one.link_id for one in draft().journey.pages)
    before = draft(done=pages)
    assert (
        send(before, page(before, "page-contact", opened_from="check"), email="b@example.org").to == "/check#row-email"
    )
    left = draft(done=tuple(one for one in pages if one != "page-life"))
    outcome = send(left, page(left, "page-contact", opened_from="check"), email="b@example.org")
    assert outcome.to == "/questionnaire/page-life?from=check"


def test_what_an_answer_enables_on_its_own_page_is_asked_before_the_page_is_done() -> None:
    before = draft()
    step = page(before, "page-who")
    outcome = send(before, step, respondent="other")
    assert outcome.to == step.here == "/questionnaire/page-who"
    assert "respondent-name" in outcome.draft.focus.at("page-who")
    assert "page-who" not in outcome.draft.done


def test_a_page_on_which_an_answer_elsewhere_enabled_something_is_not_done_any_more() -> None:
    """Only pages that the answers decide on are looked at; here every page is, and the same are found."""
    form, reopened = catalogue.shipped().active, 0
    for seed in range(60):
        chance = random.Random(seed)
        before = StoredDocument(form, random_response(form, seed, blank=0.5), frozenset(p.link_id for p in form.pages))
        deciding = [
            one for one in before.journey.pages if any(item.link_id in form.decides for item in one.questions())
        ]
        for on in chance.sample(deciding, 4):
            step, other = Step(on), random_response(form, seed + 1000)
            after = step.with_answers(before, {item.link_id: other.answer(item.link_id) for item in step.questions})
            wanted = {
                one.link_id
                for one in before.journey.pages
                if one is not on
                for item in newly_shown(before.shown, after.shown, one)
                if (item.is_rows and not after.response.rows(item.link_id))
                or (item.is_question and after.response.answer(item.link_id).is_empty)
            }
            assert before.done - still_done(before, after, step) == wanted
            reopened += len(wanted)
    assert reopened > 10


def test_another_window_s_save_is_never_overwritten_unseen() -> None:
    old, stored = draft(), draft(full_name=Answer(("Ana Ruiz",)))
    step = page(old, "page-you")
    sent = {"birth_date__day": "18", "birth_date__month": "4", "birth_date__year": "1992", "country": "GB"}
    outcome = send(stored, step, unmarked(step, old), full_name="Amelia Hart", **sent)
    assert outcome.to is None
    assert outcome.draft.response is stored.response
    assert outcome.draft.as_typed["page-you"].values == {"full-name": ("Amelia Hart",)}
    same = send(stored, step, unmarked(step, old), full_name="Ana Ruiz", **sent)
    assert same.to is not None, "what is stored already overwrites nothing"


def test_what_another_window_typed_meanwhile_is_not_dropped_by_a_choice_made_before() -> None:
    old, stored = draft(), draft(full_name=Answer(("Ana Ruiz",)))
    step = page(old, "page-you")
    sent = {"birth_date__day": "18", "birth_date__month": "4", "birth_date__year": "1992", "country": "GB"}
    kept = send(stored, step, unmarked(step, old), full_name="Amelia Hart", **sent).draft
    unchanged = {"full_name": "Ana Ruiz", **sent}
    assert send(kept, step, unmarked(step, stored), then="stored", **unchanged).draft.as_typed == kept.as_typed
    assert send(kept, step, step.seen(kept), then="stored", **unchanged).draft.as_typed == {}
    untouched = send(kept, step, unmarked(step, old), then="")
    assert untouched.draft.response == kept.response
    assert untouched.draft.as_typed == kept.as_typed


def test_a_value_beside_a_ticked_reason_is_asked_about_once() -> None:
    before = draft(ever_pregnant=chosen("me"))
    step = page(before, before.questionnaire.page_of("pregnancy-count").link_id)
    sent = {"ever_pregnant": "me", "pregnancy_count": "3", "pregnancy_count__absent": "asked-unknown"}
    asked = send(before, step, **sent)
    assert asked.to == step.here
    [notice] = CONTEXT.checks.waiting(asked.draft, step)
    assert notice.id == "both"
    kept = send(asked.draft, step, keep=notice.key)
    assert kept.to != step.here
    assert kept.draft.response == asked.draft.response, "the button alone takes nothing away"
    changed = send(asked.draft, step, change=notice.key)
    assert changed.to == step.here
    assert changed.draft.focus.at(step.key) == ("pregnancy-count",)


def test_only_checks_that_read_something_on_the_page_are_run_and_no_notice_is_missed() -> None:
    form, found = catalogue.shipped().active, 0
    every = GentleChecks(CONTEXT.checks.settings, CONTEXT.checks.today)
    for seed in range(25):
        given = StoredDocument(form, random_response(form, seed), frozenset(one.link_id for one in form.pages))
        for on in given.journey.pages:
            lists = [(rows, entry.id) for rows in on.lists() for entry in given.response.rows(rows.link_id)]
            for step in [Step(on), *(Step(on, rows, id, first) for rows, id in lists for first in (True, False))]:
                keys = [notice.key for notice in CONTEXT.checks.after_saving(given, step)]
                with pytest.MonkeyPatch.context() as patch:
                    patch.setattr(
                        GentleChecks, "open", lambda self, draft, page=None, open=GentleChecks.open: open(self, draft)
                    )
                    assert keys == [notice.key for notice in every.after_saving(given, step)]
                found += len(keys)
    assert found > 20


def test_consent_is_recorded_with_its_text_and_taken_back_with_its_tick() -> None:
    before = draft()
    step = page(before, before.questionnaire.page_of("consent").link_id)
    agreed = send(before, step, consent="true").draft
    assert agreed.agreement is not None
    assert (agreed.agreement.version, agreed.agreement.at) == ("v1", CONTEXT.now)
    assert send(agreed, step, then="later").draft.agreement is None


# -- entries -----------------------------------------------------------------------------------------------------------


def test_an_entry_begins_with_its_first_field_and_goes_on_with_the_rest() -> None:
    before = draft(ever_pregnant=chosen("me"))
    first = pregnancy(before, first=True)
    blank = send(before, first)
    assert blank.to == first.here
    assert problems(blank, first) == ["preg-outcome"]
    assert not first.exists(blank.draft)
    begun = send(before, first, preg_outcome="very-early-loss")
    page_id = first.page.link_id
    assert begun.to == f"/questionnaire/{page_id}/{ENTRY}"
    assert first.exists(begun.draft)
    rest = pregnancy(begun.draft, first=False)
    assert first.questions[0] not in rest.questions
    saved = send(begun.draft, rest)
    assert saved.to == f"/questionnaire/{page_id}?at={ENTRY}"
    assert page_id not in saved.draft.done, "an entry is no page"


def test_the_button_of_a_list_leads_to_a_new_entry_and_of_no_other() -> None:
    before = draft(ever_pregnant=chosen("me"))
    step = page(before, before.questionnaire.page_of("pregnancies").link_id)
    assert send(before, step, add="pregnancies").to.startswith(f"{step.here}/add?list=pregnancies&entry=")
    with pytest.raises(BadForm):
        send(before, step, add="transfers")
    with pytest.raises(BadForm):
        send(before, pregnancy(before, first=True), add="pregnancies", preg_outcome="very-early-loss")


# -- the button --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "button"),
    [
        ({}, PressedButton()),
        ({"then": ""}, PressedButton()),
        ({"then": "later"}, PressedButton(Press.LATER)),
        ({"then": "back"}, PressedButton(Press.BACK)),
        ({"then": "mine"}, PressedButton()),
        ({"then": "stored"}, PressedButton(Press.STORED)),
        ({"then": f"undo-{ENTRY}"}, PressedButton(Press.UNDO, ENTRY)),
        ({"then": f"change-{ENTRY}"}, PressedButton(Press.CHANGE_ENTRY, ENTRY)),
        ({"then": f"remove-{ENTRY}"}, PressedButton(Press.REMOVE_ENTRY, ENTRY)),
        ({"then": "in-person"}, PressedButton(Press.IN_PERSON)),
        ({"add": "pregnancies"}, PressedButton(Press.ADD, "pregnancies")),
        ({"keep": "C-01 pregnancies"}, PressedButton(Press.KEEP, "C-01 pregnancies")),
        ({"change": "C-01 pregnancies"}, PressedButton(Press.CHANGE, "C-01 pregnancies")),
    ],
)
def test_the_button_that_was_pressed_is_read_once(sent: dict[str, str], button: PressedButton) -> None:
    assert PressedButton.of(MultiDict(sent), in_person=True) == button


@pytest.mark.parametrize("then", ["in-person", "now", "LATER", "change-", "drop-0123456789abcdef"])
def test_a_button_that_the_page_does_not_have_is_refused(then: str) -> None:
    with pytest.raises(BadForm):
        PressedButton.of(MultiDict({"then": then}), in_person=False)


@pytest.mark.parametrize("seen", ["no mark", "", "0" * 31])
def test_a_page_without_its_own_mark_is_refused(seen: str) -> None:
    before = draft()
    with pytest.raises(BadForm):
        take_step(before, page(before, "page-you"), MultiDict({"seen": seen, "full-name": "Ana"}), CONTEXT)


def test_steps_know_no_request() -> None:
    import intake.patient.step
    import intake.patient.steps

    for module in (intake.patient.step, intake.patient.steps):
        source = sys.modules[module.__name__].__file__
        assert source is not None
        with open(source, encoding="utf-8") as file:
            assert "flask" not in file.read()
