"""Who the patient is, their health, and what they take: it is taken for something that was said."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from intake.consultations.nk_intake.stories import tables
from intake.consultations.nk_intake.stories.story import THIS_MONTH, Row, Story
from intake.consultations.nk_intake.stories.words import HE, TEXTS
from intake.questionnaire.synthetic import FAMILY, GIVEN
from intake.questionnaire.values import PartialDate


def introduce(story: Story) -> None:
    """Who it is, and how to reach them: an email address or a phone number, whichever is needed, or both."""
    chance, person, say = story.chance, story.person, story.say
    calls, both = story.pick(person.calls), story.maybe(0.5)
    given, family = chance.choice(HE if person.calls.startswith("he") else GIVEN), chance.choice(FAMILY)
    month = THIS_MONTH - story.age * 12 - chance.randint(0, 11)
    (helper,) = story.codes("respondent-relationship", "" if person.partner else "family-friend*3 parent*2 carer staff")
    related = helper in ("partner", "parent") and story.maybe(0.6)
    (safe,), (country,) = story.codes("contact-safe"), story.codes("country")
    plain = unicodedata.normalize("NFKD", f"{given}.{family}").encode("ascii", "ignore").decode().lower()
    say |= {
        "visit-reasons": story.reasons,
        "full-name": f"{given} {family}",
        "address-as": chance.choice((f"{given}, {calls}", given, None)),
        "birth-date": PartialDate(month // 12, month % 12 + 1, chance.randint(1, 28)),
        "respondent-relationship": helper,
        "respondent-name": f"{chance.choice((*HE, *GIVEN))} {family if related else chance.choice(FAMILY)}",
        "contact-safe": safe,
        "country": country,
    }
    if both or not safe.startswith("phone"):
        say["email"] = f"{plain.replace(' ', '')}{chance.randrange(1000)}@example.org"
    if both or safe.startswith("phone"):
        say["phone"] = f"{tables.PHONES.get(country, tables.PHONES['GB'])}{chance.randrange(100):02}"


def tell_health(story: Story) -> None:
    """The checklist and more about what was ticked there."""
    say, hormones = story.say, story.person is tables.PEOPLE["transgender-man"]
    certain = {*story.reasons, *(["hormones"] if hormones else [])}
    ticked = [code for code, share in tables.HEALTH.items() if code in certain or story.maybe(int(share) / 100)]
    say["health-checklist"] = tuple(ticked) or story.pick("none*12 not-sure")
    story.conditions += ticked
    for code, link_id in tables.MORE.items():
        if code in ticked:
            say[link_id] = _have(story, link_id, "hormone-treatment" if hormones and code == "hormones" else "")
    if "infection" in ticked:
        rows = _listed(story, "infections", "infection-name", "infection-since", "infection-status")
        if any(row["infection-status"] == ("controlled",) for row in rows):
            say["infection-courses"] = "always"
    if "autoimmune" in ticked:
        _listed(story, "autoimmune", "autoimmune-condition", "autoimmune-since", "autoimmune-activity")
    cancer = story.chance.choice(list(tables.CANCERS)[not story.person.womb :])
    status = story.codes("cancer-status")
    treatments = "none" if status == ("not-started",) else tables.CANCERS[cancer]
    say["cancer-type"], say["cancer-status"] = f"{cancer}, {story.year()}", status
    say["cancer-treatments"] = story.codes("cancer-treatments", treatments)


def _have(story: Story, link_id: str, likely: str = "") -> tuple[str, ...]:
    """One condition or more: of a list one a draw, as each of its entries names one."""
    repeats = story.form.item(link_id).repeats
    draws = 1 if repeats else story.chance.choice((1, 1, 1, 2))
    drawn = dict.fromkeys(one for _ in range(draws) for one in story.codes(link_id, likely))
    found = tuple(one for one in drawn if story.person.womb or one not in tables.NEEDS_A_WOMB) or ("unknown",)
    story.conditions += found
    return found


def _by(table: Mapping[str, str], condition: str) -> list[str]:
    """The rows of a table that are about a condition."""
    return [name for name, conditions in table.items() if condition in conditions.split()]


def _listed(story: Story, rows: str, name: str, since: str, now: str) -> list[Row]:
    """Conditions, each an entry: since when, and how it is now."""
    story.lists[rows] = [
        {name: one, since: PartialDate(story.year()), now: story.codes(now, *_by(tables.NOW, one))}
        for one in _have(story, name)
    ]
    return story.lists[rows]


def tell_tests(story: Story) -> None:
    """Tests that fit the reasons and the conditions; of most of them a result is known."""
    showed = {
        "antiphospholipid" if name == "antiphospholipid" else "thyroid": told
        for name in story.conditions
        for told in _by(tables.SHOWN_BY, name)
    }
    likely = story.plan.tests if story.person.womb else "sperm none" if story.events else "none*3 other-immune"
    drawn = [story.pick(likely) for _ in range(story.chance.randint(1, 4))]
    if story.maybe(0.05):
        drawn = [story.pick("nk-blood nk-biopsy other-immune not-sure")]
    had = tuple(dict.fromkeys((*showed, *(code for code in drawn if code != "none"))))
    story.say["tests-had"] = had or "none"
    kinds = [story.pick(tables.TEST_ROWS.get(code, code)) for code in had if story.maybe(0.85)]
    story.lists["immune-tests"] = [_test(story, kind, showed.get(kind)) for kind in kinds]


def _test(story: Story, kind: str, showed: str | None) -> Row:
    told = showed or story.codes("test-told", *_by(tables.TOLD, kind))[0]
    return {
        "test-kind": kind,
        "test-date": story.when(THIS_MONTH - 1) if told == "waiting" else PartialDate(story.year()),
        "test-told": told,
        "test-value": tables.VALUES.get(f"{kind} {told}") if story.maybe(0.7) else None,
    }


def tell_medicines(story: Story) -> None:
    """What is taken now, for what was said, and what was ever given."""
    say = story.say
    if say["pregnant-now"] == "yes" and "pregnancy-loss" in story.reasons:
        story.conditions.append("losses-and-pregnant")
    medicines = [one for name in story.conditions if story.maybe(0.85) for one in _by(tables.TAKES, name)]
    takes = ["prescribed"] if medicines else []
    if story.maybe(0.12):
        takes.append("otc")
        medicines.append(str(story.text("otc")))
    if story.maybe(0.6):
        takes.append("supplements")
        supplements = story.codes("supplements", "" if story.person.womb else "vitamin-d*4 multivitamin omega-3 herbal")
        say["supplements"] = supplements
        medicines += [one for name in supplements if story.maybe(0.3) for one in _by(tables.TAKES, name)]
    say["takes-now"] = tuple(takes) or story.pick("none*20 declined")
    parts = {one.split(", ")[0]: [*one.split(", "), None] for one in medicines}
    story.lists["medicines"] = [
        {"med-name": name, "med-dose": dose, "med-for": reason} for name, dose, reason, *_ in parts.values()
    ]
    given = [*story.given, *(one for name in story.conditions for one in _by(tables.GIVEN, name))]
    say["immune-medicines"] = tuple(given) or story.codes("immune-medicines")


def speak(story: Story) -> None:
    """What the patient writes, which fits what was told before."""
    say = story.say
    kind = "planning" if story.kind == "pregnant" and story.now is None else story.kind
    say["own-words"] = story.text(f"own-words {kind}") if story.maybe(0.7) else None
    say["top-questions"] = story.text(f"top-questions {kind}", "top-questions") if story.maybe(0.6) else None
    say["family-history"] = family = story.codes("family-history")
    say["family-detail"] = story.text(*(f"family-detail {code}" for code in family))
    taken = ", ".join(str(row["med-name"]) for row in story.lists["medicines"])
    say["tried-treatments"] = story.text(f"tried-treatments {kind}") or taken or story.text("tried-treatments")
    if say["tried-treatments"] in TEXTS["tried-treatments"]:
        say["tried-result"] = "none-tried"
