"""Pregnancies and embryo transfers in order of time, and what the patient says of them."""

from __future__ import annotations

from intake.consultations.nk_intake.stories import tables
from intake.consultations.nk_intake.stories.story import THIS_MONTH, Event, Row, Story
from intake.consultations.nk_intake.words import LOSSES
from intake.questionnaire.values import PartialDate

YOUNGEST, OLDEST = 18, 46
"""The ages between which a pregnancy of a story begins."""
DIFFERS = 0.03
"""How many state another number than they list."""
TRYING = {"under-6m": 0.5, "6-11m": 1, "1-2y": 3, "3-5y": 5.5, "over-5y": 99}
"""Up to how many years."""


def live(story: Story) -> None:
    """What has happened, one thing after another; the patient is older if the years would not be enough."""
    pick, plan, starts = story.pick, story.plan, story.person.starts
    before_ivf = int(pick(plan.pregnancies)) if starts else 0
    lost_from = before_ivf - (2 if "pregnancy-loss" in story.reasons else 0)
    for number in range(before_ivf):
        _happens(story, (3, 18), pick(starts), "", pick(tables.LOSSES_COME if number >= lost_from else tables.ENDINGS))
    transfers = int(pick(plan.transfers))
    for number in range(transfers):
        result = pick(tables.RESULTS)
        ending = pick(tables.OTHER_ENDS) if result == "other-end" else result if result in tables.WEEKS else ""
        _happens(story, (2, 7) if number else (8, 20), "ivf", result, ending if result != "declined" else "")
    if starts and story.age < OLDEST and story.maybe(plan.pregnant):
        by_ivf = transfers and story.maybe(0.7)
        _happens(story, (3, 12), "ivf" if by_ivf else pick(starts), "ongoing" if by_ivf else "", "ongoing")
    elif transfers and story.maybe(0.05):
        _happens(story, (2, 6), "ivf", "waiting", "")
    goes_on = story.now or (story.events and story.events[-1].result == "waiting")
    today = _end(story) + (0 if goes_on else story.chance.randint(1, 16))
    story.age = max(story.age, YOUNGEST + 1 + today // 12)
    for event in story.events:
        event.began += THIS_MONTH - today
    _carry(story)


def _end(story: Story) -> int:
    return story.events[-1].ended if story.events else 0


def _happens(story: Story, months_later: tuple[int, int], start: str, result: str, ending: str) -> None:
    first, last = map(int, story.pick(tables.WEEKS.get(ending, "0-0")).split("-"))
    began = _end(story) + story.chance.randint(*months_later)
    story.events.append(Event(began, start, result, ending, story.chance.randint(first, last)))


def _carry(story: Story) -> None:
    """Who carried, and whose egg it was: where two may carry, the second does from some time on."""
    person, count = story.person, len(story.events)
    turn = story.chance.randint(0, count) if len(person.carriers) > 1 else count
    eggs = {carrier: story.pick(person.eggs if carrier == "me" else person.lent) for carrier in person.carriers}
    donated, own_transfers = story.pick("donor-egg*4 donor-embryo"), 2 if story.age > 37 and story.maybe(0.6) else count
    for number, event in enumerate(story.events):
        event.carrier = person.carriers[0 if number < turn else -1]
        if event.carrier == "surrogate" and not event.result:
            event.carrier = "me"  # a surrogate's pregnancy begins with a transfer
        event.egg = eggs[event.carrier] if event.result else "own" if event.carrier == "me" else "partner-egg"
    for event in story.transfers[own_transfers:]:
        event.egg = donated


# -- pregnancies -------------------------------------------------------------------------------------------------------


def tell_pregnancies(story: Story) -> None:
    """What was carried by whom, how many in all, and each of them."""
    say, now, may_carry = story.say, story.now, "me" in story.person.carriers
    by_me = now is not None and now.carrier == "me"
    say["pregnant-now"] = "yes" if by_me else story.pick("no*40 might-be") if may_carry else "not-applicable"
    say["pregnant-weeks"] = now.weeks if now else None
    if now and now.weeks > 12:
        say["pregnant-care"] = "yes"
    mine, others = (any((event.carrier == "me") is own for event in story.pregnancies) for own in (True, False))
    say["ever-pregnant"] = "both" if mine and others else "me" if mine else "other" if others else "no"
    listed = [event for event in story.pregnancies if event is not now or not by_me or story.maybe(0.12)]
    rows = story.lists["pregnancies"] = [_pregnancy(story, event) for event in listed]
    lost = sum(row["preg-outcome"] in LOSSES or row["preg-born-alive"] == 0 for row in rows)
    say["pregnancy-count"] = len(story.pregnancies) + story.maybe(DIFFERS)
    say["loss-count"] = lost + story.maybe(DIFFERS)
    months = THIS_MONTH - story.pregnancies[-1].ended if story.pregnancies else story.chance.randint(4, 60)
    trying = "not-trying" if now else next(code for code, years in TRYING.items() if months < 12 * years)
    say["trying-time"] = story.codes("trying-time", trying)
    _tell_body(story)


def _pregnancy(story: Story, event: Event) -> Row:
    """One of them, with what might be asked about it; what is not asked is not answered."""
    pick, ending, length, ago = story.pick, event.ending, event.weeks, THIS_MONTH - event.ended
    babies = int(pick("2*4 3" if ending == "mixed" else "1*30 2"))
    alive = int(pick("1*9 0")) if ending == "mixed" else babies - story.maybe(0.03)
    kind = "birth" if ending == "live-birth" and alive == babies else "loss" if ending in LOSSES else ""
    early = "early " if length < (35 if kind == "birth" else 13) else "" if kind == "birth" else "late "
    used = () if event.start in ("no-treatment", "medicine") else (event.egg, *story.person.sperm)
    told, bands = story.codes("preg-loss-told"), story.form.item("preg-weeks-band").option_by_code
    scans = (length < 8 and tables.SCANS.get(f"early {ending}")) or tables.SCANS.get(ending)
    return {
        "preg-outcome": ending,
        "preg-carrier": event.carrier,
        "preg-ended": story.when(event.ended, late=True),
        "preg-weeks": length if story.maybe(0.82) else None,
        "preg-weeks-band": next(band for band in bands if band[-2:] >= f"{length:02}"),
        "preg-conception": event.start,
        "preg-born-alive": alive if ending == "mixed" else None,
        "preg-living": alive,
        "preg-complications": story.codes("preg-complications", tables.EARLY_BIRTH if length < 35 else ""),
        "preg-scan": pick(scans) if scans else None,
        "preg-loss-tests": pick("no*12 unknown" if length < 7 or ago > 120 else "no*5 yes*4 unknown"),
        "preg-loss-told": "no-result" if told == ("waiting",) and ago > 4 else told,
        "preg-babies": babies,
        "preg-scan-weeks": length - story.chance.randint(1, 3) if length > 7 and story.maybe(0.5) else None,
        "preg-loss-care": pick(tables.CARE[ending]) if ending in tables.CARE else None,
        "preg-donor": tuple(one for one in used if one != "own") or ("none",),
        "preg-same-partner": pick("yes*9 no") if story.person.partner else "not-applicable",
        "preg-notes": story.text(f"preg-notes {early}{kind}") if event.carrier == "me" and story.maybe(0.3) else None,
    }


def _tell_body(story: Story) -> None:
    """Periods, operations and the partner's health, as the pregnancies have it."""
    say, person = story.say, story.person
    own = [row for row in story.lists["pregnancies"] if row["preg-carrier"] == "me"]
    operated = [row["preg-outcome"] for row in own if row["preg-loss-care"] == "operation"]
    operations = ["tube" if ending == "ectopic" else "after-ended" for ending in operated]
    operations += ["caesarean" for row in own if row["preg-outcome"] == "live-birth" and story.maybe(0.3)]
    others = [one for one in story.codes("womb-operations") if person.womb and one not in tables.OF_A_PREGNANCY]
    say["womb-operations"] = tuple(operations or others) or ("none",)
    say["cycle"] = ("no-periods",) if story.now else story.codes("cycle", person.periods)
    if not person.womb:
        say["told-findings"] = story.pick("none*3 sperm no-tests")
    if not person.partner:
        say["partner-health"] = story.pick("none*2 no-partner*2 not-tested")


# -- treatment ---------------------------------------------------------------------------------------------------------


def tell_treatment(story: Story) -> None:
    """Fertility treatment, its numbers, and each embryo transfer."""
    say, transfers = story.say, story.transfers
    starts = {event.start for event in story.pregnancies}
    had = [code for code in ("medicine", "iui") if code in starts or story.maybe(0.07)]
    if transfers:
        had += ["ivf", *(event.egg for event in transfers if event.egg.startswith("donor"))]
        had += ["surrogacy" for event in transfers if event.carrier == "surrogate"]
        had += ["freezing"] if story.maybe(0.2) else []
    say["fertility-treatments"] = (*had, *(story.person.sperm if had else ())) or ("none",)
    carriers = {event.carrier for event in transfers}
    say["transfers-who"] = "more" if len(carriers) > 1 else next(iter(carriers), None)
    say["transfer-count"] = sum(event.result != "cancelled" for event in transfers) + story.maybe(DIFFERS)
    say["embryos-stored"] = int(story.pick("0*4 1*2 2*2 3 5"))
    collected: list[int] = []
    for event in transfers:
        if story.maybe(0.4) or not collected:
            collected.append(event.began - story.chance.choice((0, 0, 1, 2)))
        story.lists.setdefault("transfers", []).append(_transfer(story, event, collected[-1]))
    say["egg-collections"] = len(collected) + story.maybe(0.3)


def _transfer(story: Story, event: Event, collected: int) -> Row:
    """One transfer of an embryo, or of two."""
    recent = event.result in ("ongoing", "waiting")
    with_it = story.codes("transfer-medicines")
    given = story.form.item("immune-medicines")
    story.given += [one for one in with_it if one in given.option_by_code and one not in given.exclusive]
    return {
        "transfer-result": event.result,
        "transfer-date": PartialDate(event.began // 12) if recent else story.when(event.began),
        "transfer-carrier": event.carrier,
        "transfer-embryos": int(story.pick("1*3 2")),
        "transfer-egg": event.egg,
        "transfer-kind": story.pick("fresh*15 unknown") if collected == event.began else "frozen",
        "transfer-collected": PartialDate(collected // 12),
        "transfer-medicines": with_it,
    }
