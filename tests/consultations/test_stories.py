"""The demo's patients make sense: what one of them tells hangs together, and among many every answer occurs.

Each rule is a sentence that holds for every story, and beside it stands a fault that it finds.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from intake.consultations import catalogue
from intake.consultations.nk_intake.stories import CHAPTERS, past, patient, tables
from intake.consultations.nk_intake.stories.story import TOLD_ON, Event, Story
from intake.consultations.rules import open_checks, rules_for
from intake.questionnaire import synthetic
from intake.questionnaire.model import OWN_WORDS_LENGTH, ItemType, Questionnaire
from intake.questionnaire.response import Entry
from intake.questionnaire.synthetic import Patient
from intake.summary.model import SummarySettings
from intake.summary.patient_answers import PatientAnswers

FEW, MANY = 500, 2000


class Said(PatientAnswers):
    """What one patient of the demo answered, with the pages put off to the visit."""

    def __init__(self, questionnaire: Questionnaire, one: Patient) -> None:
        super().__init__(questionnaire, one.response)
        self.put_off = one.in_person

    @property
    def born(self) -> int:
        """The year of birth."""
        date = self.answer("birth-date").date
        assert date is not None, "a story that was sent holds it"
        return date.year

    def year(self, link_id: str, entry: Entry) -> int | None:
        """The year of a date."""
        date = self.answer(link_id, entry).date
        return date.year if date else None

    def codes(self, link_id: str, entry: Entry | None = None) -> tuple[str, ...]:
        """What was chosen."""
        return self.answer(link_id, entry).codes

    def codes_of(self, rows: str, link_id: str) -> list[str | None]:
        """What was chosen in each entry."""
        return [self.code(link_id, row) for row in self.rows(rows)]

    def left(self, link_id: str) -> bool:
        """Whether a list was put off to the visit, or left out."""
        return not self.rows(link_id)


def told(count: int) -> Iterator[Said]:
    """So many patients who sent the form."""
    questionnaire = catalogue.shipped().active
    for number in range(count):
        yield Said(questionnaire, patient(questionnaire, random.Random(f"1/{number}"), sent=True))


@cache
def stories() -> list[Said]:
    return list(told(FEW))


# -- what holds for each -----------------------------------------------------------------------------------------------

WEEKS = {
    "very-early-loss": (4, 6),
    "miscarriage": (6, 19),
    "ectopic": (5, 9),
    "molar": (8, 13),
    "unknown-location": (4, 7),
    "stillbirth": (20, 40),
    "neonatal-death": (22, 40),
    "live-birth": (24, 41),
    "mixed": (24, 37),
    "ended-by-choice": (4, 23),
    "medical-reasons": (10, 30),
}
TAKEN_FOR = {
    "Levothyroxine": {"hashimoto", "thyroid-under"},
    "Hydroxychloroquine": {"lupus", "sjogren"},
    "Tenofovir": {"hepatitis-b"},
    "Carbimazole": {"graves", "thyroid-over"},
    "Insulin": {"type-1-diabetes"},
    "Enoxaparin (heparin)": {"antiphospholipid"},
    "Metformin": {"pcos", "type-2"},
    "Tacrolimus": {"transplant"},
}
CONDITIONS = ("hormone-list", "weak-immune-why", "inflammation-list")
NAMES = {"autoimmune": "autoimmune-condition", "infections": "infection-name"}
HELD_BACK = {"declined", "unknown", "not-sure", "not-told"}


def pregnancies_are_between_12_years_of_age_and_today(said: Said) -> Iterator[Any]:
    for row in said.rows("pregnancies"):
        ended = said.answer("preg-ended", row).date
        if ended and not (said.born + 12 <= ended.year and ended.first <= TOLD_ON):
            yield ended


def pregnancies_are_in_order_of_time(said: Said) -> Iterator[Any]:
    for link_id, rows in (("preg-ended", "pregnancies"), ("transfer-date", "transfers")):
        years = [year for row in said.rows(rows) if (year := said.year(link_id, row))]
        if years != sorted(years):
            yield years


def weeks_fit_the_ending(said: Said) -> Iterator[Any]:
    for row in said.rows("pregnancies"):
        ending, number = said.code("preg-outcome", row) or "", said.number("preg-weeks", row)
        first, last = WEEKS.get(ending, (1, 44))
        if number is not None and not first <= number <= last:
            yield ending, number


def a_very_early_loss_was_not_seen_on_a_scan(said: Said) -> Iterator[Any]:
    for row in said.rows("pregnancies"):
        if said.code("preg-outcome", row) == "very-early-loss" and said.code("preg-scan", row) in ("seen", "heartbeat"):
            yield row


def no_more_children_live_than_were_born(said: Said) -> Iterator[Any]:
    for row in said.rows("pregnancies"):
        living, alive, babies = (said.number(f"preg-{name}", row) for name in ("living", "born-alive", "babies"))
        if living is not None and (living > (babies or 3) or (alive is not None and living > alive)):
            yield living, alive, babies


def a_transfer_that_led_to_a_pregnancy_has_one_listed(said: Said) -> Iterator[Any]:
    results = [said.code("transfer-result", row) for row in said.rows("transfers")]
    led = sum(result not in ("negative", "waiting", "cancelled", "unknown", "declined") for result in results)
    starts = [said.code("preg-conception", row) for row in said.rows("pregnancies")]
    perhaps = sum(start in ("ivf", "unknown", "declined", None) for start in starts)
    now = said.number("pregnancy-count") is None or said.code("pregnant-now") in ("yes", "declined", None)
    if not said.left("pregnancies") and led > perhaps + now:
        yield led, starts


def a_pregnancy_ends_after_its_transfer(said: Said) -> Iterator[Any]:
    ivf = [row for row in said.rows("pregnancies") if said.code("preg-conception", row) == "ivf"]
    results = [row for row in said.rows("transfers") if said.code("transfer-result", row) in WEEKS]
    same = [said.code("preg-outcome", row) for row in ivf] == [said.code("transfer-result", row) for row in results]
    for pregnancy, transfer in zip(ivf, results, strict=True) if same else ():
        ended, put_back = said.answer("preg-ended", pregnancy).date, said.answer("transfer-date", transfer).date
        if ended and put_back and ended.last < put_back.first:
            yield ended, put_back


def one_embryo_or_two_are_put_back(said: Said) -> Iterator[Any]:
    for row in said.rows("transfers"):
        if (said.number("transfer-embryos", row) or 1) > 2:
            yield row
    if len(said.rows("transfers")) > 8:
        yield "too many"


def eggs_are_collected_before_they_are_put_back(said: Said) -> Iterator[Any]:
    for row in said.rows("transfers"):
        collected, put_back = said.year("transfer-collected", row), said.year("transfer-date", row)
        if collected and put_back and collected > put_back:
            yield collected, put_back


def donors_are_the_same_everywhere(said: Said) -> Iterator[Any]:
    treatments = said.codes("fertility-treatments")
    if not treatments or "declined" in treatments or said.left("transfers"):
        return
    sources = {code for row in said.rows("transfers") for code in said.codes("transfer-egg", row)}
    sources |= {code for row in said.rows("pregnancies") for code in said.codes("preg-donor", row)}
    yield from sources & {"donor-egg", "donor-embryo", "donor-sperm"} - set(treatments)


def nobody_takes_a_medicine_for_nothing(said: Said) -> Iterator[Any]:
    conditions = {code for link_id in CONDITIONS for code in said.codes(link_id)}
    conditions |= {code for rows, name in NAMES.items() for row in said.rows(rows) for code in said.codes(name, row)}
    checklist = set(said.codes("health-checklist"))
    unsaid = not checklist or bool((checklist | conditions) & HELD_BACK)
    lists = {"autoimmune": "autoimmune", "infection": "infections"}
    unsaid |= any(said.left(rows) for code, rows in lists.items() if code in checklist)
    asked = {"hormones": "hormone-list", "weak-immune": "weak-immune-why", "inflammation": "inflammation-list"}
    unsaid |= any(not said.codes(link_id) for code, link_id in asked.items() if code in checklist)
    for row in said.rows("medicines"):
        name = said.answer("med-name", row).own_words or ""
        if name in TAKEN_FOR and not unsaid and not TAKEN_FOR[name] & conditions:
            yield name, conditions


def conditions_began_in_this_life(said: Said) -> Iterator[Any]:
    dates = {"autoimmune": "autoimmune-since", "infections": "infection-since", "immune-tests": "test-date"}
    for rows, link_id in dates.items():
        for row in said.rows(rows):
            year = said.year(link_id, row)
            if year is not None and not said.born <= year <= TOLD_ON.year:
                yield year


def nobody_waits_for_a_result_for_years(said: Said) -> Iterator[Any]:
    places = (("pregnancies", "preg-loss-told", "preg-ended"), ("immune-tests", "test-told", "test-date"))
    for rows, told, when in (*places, ("transfers", "transfer-result", "transfer-date")):
        for row in said.rows(rows):
            if said.code(told, row) == "waiting" and (said.year(when, row) or TOLD_ON.year) < TOLD_ON.year - 1:
                yield rows


def a_thyroid_condition_was_seen_in_a_test(said: Said) -> Iterator[Any]:
    conditions = {*said.codes("hormone-list"), *said.codes_of("autoimmune", "autoimmune-condition")}
    for row in said.rows("immune-tests"):
        told = said.code("test-told", row)
        if said.code("test-kind", row) == "thyroid" and "thyroid-under" in conditions and told in ("within", "waiting"):
            yield told


def the_way_to_be_reached_is_there(said: Said) -> Iterator[Any]:
    needed = {"email-only": ["email"], "phone-messages": ["phone"], "phone-no-messages": ["phone"]}
    for link_id in needed.get(said.code("contact-safe") or "", ()):
        if not said.answer(link_id).answered:
            yield link_id


def who_has_no_womb_has_nothing_of_one(said: Said) -> Iterator[Any]:
    if said.code("pregnant-now") == "not-applicable" and "not-applicable" in said.codes("cycle"):
        yield from set(said.codes("womb-operations")) - {"none", *HELD_BACK}
        yield from set(said.codes("hormone-list")) & tables.NEEDS_A_WOMB


def a_surrogate_carries_after_a_transfer_only(said: Said) -> Iterator[Any]:
    for row in said.rows("pregnancies"):
        start = said.code("preg-conception", row)
        if said.code("preg-carrier", row) == "surrogate" and start not in ("ivf", "unknown", "declined", None):
            yield start


def nobody_contradicts_themselves(said: Said) -> Iterator[Any]:
    for these in ({"alcohol-weekly", "alcohol-less"}, {"monthly", "irregular"}, {"no-cause", "endometriosis"}):
        if any(these <= set(answer.codes) for _, _, answer in said.response.said()):
            yield these


def what_is_said_could_have_been_typed(said: Said) -> Iterator[Any]:
    for link_id, _, answer in said.response.said():
        item, own = said.questionnaire.item(link_id), answer.own_words or ""
        if item.is_choice and own and (item.type is ItemType.CHOICE or (own.islower() and " " not in own)):
            yield link_id, own  # a misspelt code
        if len(own) > (item.max_length or OWN_WORDS_LENGTH) or "{" in own:
            yield link_id, own
        if (number := answer.number) is not None and not int(item.minimum or 0) <= number <= int(item.maximum or 0):
            yield link_id, number
        if answer.has(item.exclusive) and len(answer.values) > 1:
            yield link_id, answer


Fault = Callable[[pytest.MonkeyPatch], None]


def table(name: str, **rows: Any) -> Fault:
    """Other rows in a table."""
    found: Any = getattr(tables, name)
    return lambda patch: patch.setattr(
        tables, name, {**found, **{key.replace("_", "-"): row for key, row in rows.items()}}
    )


def usual(**answers: str) -> Fault:
    return table("USUAL", **answers)


def everybody(**traits: Any) -> Fault:
    """People with other traits."""
    return lambda patch: patch.setattr(
        tables,
        "PEOPLE",
        {name: replace(person, **traits) for name, person in tables.PEOPLE.items()},
    )


def event(**properties: Any) -> Fault:
    """Events that are otherwise than they were lived."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for name, value in properties.items():
            patch.setattr(Event, name, value)

    return plant


def row(function: str, **changes: Any) -> Fault:
    """Entries that say something else."""
    original: Any = getattr(past, function)
    wrong = {key.replace("_", "-"): value for key, value in changes.items()}
    return lambda patch: patch.setattr(past, function, lambda *given: original(*given) | wrong)


def chapter(**changes: Any) -> Fault:
    """A last chapter that says something else."""
    wrong = {key.replace("_", "-"): value for key, value in changes.items()}
    return lambda patch: patch.setattr(
        "intake.consultations.nk_intake.stories.CHAPTERS", (*CHAPTERS, lambda story: story.say.update(wrong))
    )


RULES: dict[Callable[[Said], Iterator[Any]], Fault] = {
    pregnancies_are_between_12_years_of_age_and_today: lambda patch: patch.setattr(
        past, "THIS_MONTH", past.THIS_MONTH + 36
    ),
    pregnancies_are_in_order_of_time: event(ended=property(lambda self: self.began - 11 * self.weeks % 90)),
    weeks_fit_the_ending: table("WEEKS", ectopic="5-12"),
    a_very_early_loss_was_not_seen_on_a_scan: table("SCANS", very_early_loss="seen"),
    no_more_children_live_than_were_born: row("_pregnancy", preg_living=4),
    a_transfer_that_led_to_a_pregnancy_has_one_listed: row("_pregnancy", preg_conception="no-treatment"),
    a_pregnancy_ends_after_its_transfer: event(ended=property(lambda self: self.began - 2)),
    one_embryo_or_two_are_put_back: row("_transfer", transfer_embryos=3),
    eggs_are_collected_before_they_are_put_back: row("_transfer", transfer_collected=synthetic.PartialDate(2026)),
    donors_are_the_same_everywhere: row("_pregnancy", preg_donor=("donor-embryo",)),
    nobody_takes_a_medicine_for_nothing: table("TAKES", **{"Levothyroxine, 75 micrograms daily, thyroid": "pcos"}),
    conditions_began_in_this_life: lambda patch: patch.setattr(Story, "year", lambda _story: 1950),
    nobody_waits_for_a_result_for_years: row("_pregnancy", preg_loss_told="waiting", preg_loss_tests="yes"),
    a_thyroid_condition_was_seen_in_a_test: lambda patch: patch.setattr(tables, "SHOWN_BY", {}),
    the_way_to_be_reached_is_there: chapter(email=None),
    who_has_no_womb_has_nothing_of_one: everybody(womb=True),
    a_surrogate_carries_after_a_transfer_only: row("_pregnancy", preg_conception="home"),
    nobody_contradicts_themselves: lambda patch: patch.setattr(tables, "AGAINST", {}),
    what_is_said_could_have_been_typed: usual(stress="quiet"),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_story_hangs_together(rule: Callable[[Said], Iterator[Any]]) -> None:
    assert [(number, list(rule(said))) for number, said in enumerate(stories()) if any(True for _ in rule(said))] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_fault_in_the_stories_is_found(
    rule: Callable[[Said], Iterator[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    RULES[rule](monkeypatch)
    assert any(found for said in told(FEW) for found in rule(said))


# -- what holds for most -----------------------------------------------------------------------------------------------

STATED = {"pregnancy-count": "pregnancies", "transfer-count": "transfers"}
GENTLE = {f"C-0{number}" for number in range(1, 10)} - {"C-06"}


def share_of_checks(told_by: list[Said]) -> dict[str, float]:
    """How many of those who put no list off to the visit have a gentle check open, by the check."""
    here = [said for said in told_by if not said.put_off]
    settings = SummarySettings()
    raised = Counter(
        rule[:4]
        for said in here
        for rule in {
            one.rule for one in open_checks(said.questionnaire, said.response, settings=settings, today=TOLD_ON)
        }
    )
    return {rule: raised[rule] / len(here) for rule in GENTLE}


def test_few_stories_raise_a_gentle_check() -> None:
    shares = share_of_checks(stories())
    assert max(shares.values()) < 0.06, shares
    assert shares["C-01"] > 0, "some people count otherwise than they list"


def test_stories_that_do_not_fit_raise_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "DIFFERS", 0.5)
    shares = share_of_checks(list(told(FEW)))
    assert min(shares[rule] for rule in ("C-01", "C-02", "C-03")) > 0.06


def test_most_list_as_many_as_they_state_and_some_tell_of_them_in_person() -> None:
    both = [
        (len(said.rows("transfers")) - said.codes_of("transfers", "transfer-result").count("cancelled"), stated)
        for said in stories()
        if (stated := said.number("transfer-count")) is not None and said.rows("transfers")
    ]
    assert sum(listed == stated for listed, stated in both) > 0.9 * len(both) > 30
    later = [said for said in stories() if "page-pregnancies" in said.put_off and said.left("pregnancies")]
    assert any(said.number("pregnancy-count") for said in later)


def test_most_come_about_losses_or_ivf() -> None:
    reasons = Counter(code for said in stories() for code in said.codes("visit-reasons"))
    assert {code for code, _ in reasons.most_common(2)} == {"pregnancy-loss", "ivf-not-worked"}


def test_every_answer_occurs_among_many(questionnaire: Questionnaire) -> None:
    """Each question, each list, each option and each reason for no answer, by sent forms and drafts alike."""
    never: set[Any] = {(item.link_id, code) for item in questionnaire.walk() for code in item.option_by_code}
    never |= {item.link_id for item in questionnaire.walk() if item.is_question or item.is_rows}
    never |= {(item.link_id, reason) for item in questionnaire.walk() for reason in item.reasons}
    for number in range(MANY):
        one = patient(questionnaire, random.Random(f"2/{number}"), sent=number % 10 > 0)
        never -= {name for name, rows in one.response.entries.items() if rows}
        for link_id, _, answer in one.response.said():
            never -= {link_id, (link_id, answer.absent), *((link_id, code) for code in answer.codes)}
    assert never == set()


# -- which form is filled in so ----------------------------------------------------------------------------------------


def test_the_same_chance_tells_the_same_but_for_the_ids_of_entries(questionnaire: Questionnaire) -> None:
    def said(one: Patient) -> Any:
        entries = {name: [row.answers for row in rows] for name, rows in one.response.entries.items()}
        return one.response.answers, entries, one.done, one.in_person

    for number in range(50):
        first, again = (patient(questionnaire, random.Random(number), sent=True) for _ in range(2))
        assert said(first) == said(again)


def test_any_other_form_is_filled_in_at_random() -> None:
    other = catalogue.shipped().form("first-visit")
    assert rules_for(other).patient is synthetic.patient
    assert rules_for(catalogue.shipped().active).patient is patient
