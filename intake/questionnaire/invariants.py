"""What must hold in a Questionnaire: FHIR R4's que-1 to que-13 where they can arise here, and rules of our own.

Each invariant is one function: it yields (linkId, what is wrong) for every place that breaks it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from intake.questionnaire.model import CHOICES, TYPED, Item, ItemType, Kind, Operator, Questionnaire
from intake.questionnaire.placeholders import ALONE, IN_DISPLAYS, IN_QUESTIONS, Placeholder, names_in
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import Coding, PartialDate

Problem = tuple[str, str]
Invariant = Callable[[Questionnaire], Iterator[Problem]]

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CODE = re.compile(r"\S+(\s\S+)*")
LARGEST_INTEGER = 2**31 - 1
"""FHIR R4's integer, on either side of zero."""
_STATUSES = ("draft", "active", "retired", "unknown")
LONGEST_CANONICAL = 255
"""How much room the database has for `url|version`."""
LONGEST_LANGUAGE = 35
RESERVED = frozenset(("reference", "status", "review_status", "questionnaire", "form_language")) | frozenset(
    ("started_at", "submitted_at", "entry", "position", "derived")
)
"""Columns of an export that are no question's (docs/interfaces.md, Export files)."""
CONTROLS = ("csrf_token", "seen", "from", "then", "add", "entry", "list", "keep", "change", "code")
"""Names of hidden fields and buttons that stand beside questions, whose controls are named by linkId."""
FILES = frozenset({"responses", "absent", "codebook", "manifest"})
"""Files of an export that are no list's."""
_BOUND = re.compile(r"today|birth-date(?: \+ [0-9]{1,3} years)?|[0-9]{4}-[0-9]{2}-[0-9]{2}")
EXPORT_GROUPS = ("names", "contact", "free-text", "private-talk", "sensitive", "endings")
"""The groups of answers that an export leaves out unless an admin asks for them (docs/interfaces.md, Export files)."""
_ANSWER_TYPES: dict[ItemType, type | tuple[type, ...]] = {
    ItemType.BOOLEAN: bool,
    ItemType.STRING: str,
    ItemType.TEXT: str,
    ItemType.DATE: PartialDate,
    ItemType.INTEGER: int,
    ItemType.CHOICE: Coding,
    ItemType.OPEN_CHOICE: (Coding, str),
}


def head_is_sound(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-0 and cnl: a name to look the form up by, an address, a version that can be compared, a known status."""
    if not _KEBAB.fullmatch(questionnaire.id):
        yield "-", "id must be small letters, digits and single dashes"
    if not _VERSION.fullmatch(questionnaire.version):
        yield "-", "version must be numbers with dots between, such as 1.0.0"
    if not re.fullmatch(r"(https?://|urn:)[^\s|#]+", questionnaire.url):
        yield "-", "url must be an address such as https://example.org/fhir/Questionnaire/first-visit"
    if len(questionnaire.canonical) > LONGEST_CANONICAL:
        yield "-", f"url and version have {LONGEST_CANONICAL - 1} characters at most, taken together"
    if not _LANGUAGE.fullmatch(questionnaire.language) or len(questionnaire.language) > LONGEST_LANGUAGE:
        yield "-", "language must be a code such as en or en-GB"
    if questionnaire.status not in _STATUSES:
        yield "-", f"status must be one of {', '.join(_STATUSES)}"


def groups_have_items(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-1: a group has items, a display text has none; a question of ours has none either."""
    for item in questionnaire.walk():
        if item.type is ItemType.GROUP and not item.items:
            yield item.link_id, "a group needs items (que-1)"
        if item.type is not ItemType.GROUP and item.items:
            yield item.link_id, f"an item of type {item.type} cannot hold items (que-1)"


def link_ids_are_unique(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-2, and our spelling: kebab-case."""
    for link_id, count in Counter(item.link_id for item in questionnaire.walk()).items():
        if count > 1:
            yield link_id, "this linkId stands more than once (que-2)"
        if not _KEBAB.fullmatch(link_id):
            yield link_id, "a linkId is kebab-case: small letters, digits, single dashes"


def link_ids_are_free(questionnaire: Questionnaire) -> Iterator[Problem]:
    """No question has the name of a column that every export has or of a control that pages have, and no list that of
    a file."""
    for item in questionnaire.walk():
        column = item.link_id.replace("-", "_")
        if item.is_question and (column in RESERVED or column.startswith("derived_")):
            yield item.link_id, f"an export has a column {column} of its own; name the question otherwise"
        elif item.is_question and item.link_id in CONTROLS:
            yield item.link_id, f"pages have a control {item.link_id} of their own; name the question otherwise"
        if item.is_rows and item.link_id in FILES:
            yield item.link_id, f"an export has a file {item.link_id} of its own; name the list otherwise"


def display_asks_nothing(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-3 and que-6: a display text has no code, is not required and does not repeat."""
    for item in questionnaire.walk():
        if item.type is ItemType.DISPLAY and (item.code or item.required or item.repeats):
            yield item.link_id, "a display text has no code, is not required and does not repeat (que-3, que-6)"


def options_belong_to_choices(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-5: only a choice has options; ours always has at least two, with codes that differ and are not
    `other`."""
    for item in questionnaire.walk():
        if item.options and item.type not in CHOICES:
            yield item.link_id, "only choice and open-choice have an answerOption (que-5)"
        if item.type in CHOICES and len(item.options) < 2:
            yield item.link_id, "a choice needs at least two options"
        for code, count in Counter(option.code for option in item.options).items():
            if count > 1:
                yield item.link_id, f"the option {code} stands more than once"
            if not _CODE.fullmatch(code):
                yield item.link_id, f"the option {code!r} begins or ends with a space, or holds two together"
        if item.type is ItemType.OPEN_CHOICE and "other" in item.option_by_code:
            yield item.link_id, "an open-choice cannot have an option other: that value means own words"


def conditions_fit(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-7; a condition names a question that exists, with an answer of its type."""
    for item in questionnaire.walk():
        for condition in item.enable_when:
            target = questionnaire.by_link_id.get(condition.question)
            if target is None or not target.is_question:
                yield item.link_id, f"enableWhen: {condition.question} is no question of this form"
            elif condition.operator is Operator.EXISTS:
                if not isinstance(condition.answer, bool):
                    yield item.link_id, "enableWhen with exists needs an answerBoolean (que-7)"
            elif not isinstance(condition.answer, _ANSWER_TYPES[target.type]) or (
                isinstance(condition.answer, bool) and target.type is not ItemType.BOOLEAN
            ):
                yield (
                    item.link_id,
                    f"enableWhen: the answer does not fit {condition.question}, which is of type {target.type}",
                )
            elif isinstance(condition.answer, Coding) and condition.answer.code not in target.option_by_code:
                yield item.link_id, f"enableWhen: {condition.question} has no option {condition.answer.code}"
            elif isinstance(condition.answer, Coding) and condition.operator not in (
                Operator.EQUAL,
                Operator.NOT_EQUAL,
            ):
                yield item.link_id, f"enableWhen: options have no order, so {condition.operator} cannot be used"


def conditions_are_joined(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-12: more than one condition needs an enableBehavior."""
    for item in questionnaire.walk():
        if len(item.enable_when) > 1 and item.enable_behavior is None:
            yield item.link_id, "several enableWhen need an enableBehavior, all or any (que-12)"


def conditions_lead_back_to_nothing(questionnaire: Questionnaire) -> Iterator[Problem]:
    """No question decides, by whatever detour, whether it is shown itself."""
    needs = {item.link_id: _needs(questionnaire, item) for item in questionnaire.walk()}
    for link_id in needs:
        seen: set[str] = set()
        todo = list(needs[link_id])
        while todo:
            name = todo.pop()
            if name in needs and name not in seen:
                seen.add(name)
                todo.extend(needs[name])
        if link_id in seen:
            yield link_id, "whether this is shown depends on itself"


def _needs(questionnaire: Questionnaire, item: Item) -> set[str]:
    parent = questionnaire.parents.get(item.link_id)
    return {condition.question for condition in item.enable_when} | ({parent.link_id} if parent else set())


def lengths_belong_to_texts(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-10, and ours: every typed text has a longest length, so that nothing is cut later."""
    for item in questionnaire.walk():
        if item.max_length is not None and item.type not in TYPED:
            yield item.link_id, "only a string or text has a maxLength (que-10)"
        if item.type in TYPED and not item.max_length:
            yield item.link_id, f"a {item.type} needs a maxLength"


def groups_have_their_place(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Sections hold pages, pages hold the rest, and lists do not stand in lists."""
    places: dict[Kind | None, tuple[Kind | None, ...]] = {
        Kind.SECTION: (None,),
        Kind.PAGE: (Kind.SECTION,),
        Kind.PART: (Kind.PAGE, Kind.PART, Kind.ROWS),
        Kind.ROWS: (Kind.PAGE, Kind.PART),
        None: (Kind.PAGE, Kind.PART, Kind.ROWS),
    }
    if not questionnaire.pages:
        yield "-", "the questionnaire has no pages"
    for item in questionnaire.walk():
        parent = questionnaire.parents.get(item.link_id)
        if (item.type is ItemType.GROUP) != (item.kind is not None):
            yield item.link_id, "every group, and nothing else, has an x-kind"
        elif (parent.kind if parent else None) not in places[item.kind] or (item.kind is None and parent is None):
            yield item.link_id, f"a {item.kind or item.type} cannot stand here"
        if item.is_rows and questionnaire.list_of(item.link_id) is not None:
            yield item.link_id, "a list cannot stand in a list"


def lists_are_complete(questionnaire: Questionnaire) -> Iterator[Problem]:
    """A repeating list has its words and its limit, and asks a first field without which no entry is kept."""
    for item in questionnaire.walk():
        if item.is_rows:
            if not (item.repeats and item.row_label and item.add_label and item.max_rows):
                yield item.link_id, "a list needs repeats: true, x-row-label, x-add-label and x-max-rows"
            first = next((child for child in item.items if child.is_question), None)
            if first is None or not first.row_required or first.enable_when:
                yield (
                    item.link_id,
                    "the first item of a list must be a question with x-row-required and without enableWhen",
                )
        elif item.row_label or item.add_label or item.max_rows:
            yield item.link_id, "x-row-label, x-add-label and x-max-rows belong to a list"
        if item.row_required and questionnaire.list_of(item.link_id) is None:
            yield item.link_id, "x-row-required belongs to the first field of a list"


def questions_are_labelled(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Every question has a label of its own for the clinician, and a phrase that holds its value."""
    questions = [item for item in questionnaire.walk() if item.is_question]
    counts = Counter(item.label for item in questions)
    for item in questions:
        if not item.label:
            yield item.link_id, "a question needs an x-label"
        elif counts[item.label] > 1:
            yield item.link_id, f"the x-label {item.label!r} stands more than once"
        if item.phrase.count("{value}") != 1:
            yield item.link_id, "x-phrase must hold {value} once"


def keys_fit_their_type(questionnaire: Questionnaire) -> Iterator[Problem]:
    """The `x-*` keys stand only where they mean something (clinical.md 2.1)."""
    for item in questionnaire.walk():
        several = item.is_choice and item.repeats
        for code in item.exclusive:
            if not several or code not in item.option_by_code:
                yield item.link_id, f"x-exclusive: {code} is no option of a several-choice question here"
        if item.repeats and not (several or item.is_rows):
            yield item.link_id, "only choices and lists repeat"
        if (item.unknown or item.decline) and item.type not in (ItemType.INTEGER, ItemType.DATE, ItemType.STRING):
            yield item.link_id, "x-unknown and x-decline belong to a number, date or string"
        if item.partial_date and item.type is not ItemType.DATE:
            yield item.link_id, "x-partial-date belongs to a date"
        if item.must_be_true and item.type is not ItemType.BOOLEAN:
            yield item.link_id, "x-must-be-true belongs to a boolean"
        if item.required_unless and (item.required or not _is_neighbour(questionnaire, item, item.required_unless)):
            yield (
                item.link_id,
                "x-required-unless names a question of the same page, and the item itself is not required",
            )
        if item.export_group is not None and item.export_group not in EXPORT_GROUPS:
            yield item.link_id, f"x-export-group must be one of {', '.join(EXPORT_GROUPS)}"
        yield from _bounds_fit(questionnaire, item)


_ROLE_TYPES: dict[ItemRole, ItemType] = {
    ItemRole.NAME: ItemType.STRING,
    ItemRole.BIRTH_DATE: ItemType.DATE,
    ItemRole.ADDRESS_AS: ItemType.STRING,
    ItemRole.EMAIL: ItemType.STRING,
    ItemRole.PHONE: ItemType.STRING,
    ItemRole.COUNTRY: ItemType.CHOICE,
    ItemRole.RESPONDENT: ItemType.CHOICE,
    ItemRole.CONSENT: ItemType.BOOLEAN,
    ItemRole.CONTACT_SAFE: ItemType.CHOICE,
}


def roles_fit_their_questions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Each role once, on a question outside lists that takes what the program looks for there; a meaning on an option
    of the question that it belongs to."""
    counts = Counter(item.role for item in questionnaire.walk())
    for item in questionnaire.walk():
        if item.role is not None:
            if counts[item.role] > 1:
                yield item.link_id, f"the x-role {item.role} stands more than once"
            if item.type is not _ROLE_TYPES[item.role] or item.repeats or item.partial_date:
                yield (
                    item.link_id,
                    f"x-role {item.role} belongs to a question of type {_ROLE_TYPES[item.role]}, "
                    + ("with a full date" if item.role is ItemRole.BIRTH_DATE else "with one answer"),
                )
            if questionnaire.list_of(item.link_id) is not None:
                yield item.link_id, f"x-role {item.role} cannot stand in a list"
        for option in item.options:
            role = ItemRole.RESPONDENT if option.means is Meaning.HELPER else ItemRole.CONTACT_SAFE
            if option.means is not None and item.role is not role:
                yield item.link_id, f"x-means {option.means} belongs to an option of the question with x-role {role}"


def only_what_may_stay_blank_is_told_in_person(questionnaire: Questionnaire) -> Iterator[Problem]:
    """`x-in-person` lets a patient leave a whole page, so it stands on pages alone, and not where an answer is
    needed."""
    for item in questionnaire.walk():
        if not item.in_person:
            continue
        if item.kind is not Kind.PAGE:
            yield item.link_id, "x-in-person belongs to a page"
        elif needed := [
            one.link_id for one in item.questions() if one.required or one.required_unless or one.must_be_true
        ]:
            yield item.link_id, f"x-in-person cannot stand on a page with a required question: {', '.join(needed)}"


def placeholders_are_known(questionnaire: Questionnaire) -> Iterator[Problem]:
    """What stands in curly brackets can be filled in there. Options and labels mean the same for everybody, so they
    hold no placeholder."""
    for item in questionnaire.walk():
        fillable = IN_DISPLAYS if item.type is ItemType.DISPLAY else IN_QUESTIONS
        texts = [(text, fillable) for text in (item.text, item.help or "")] + [
            (text, frozenset()) for text in _fixed_texts(item)
        ]
        for text, allowed in texts:
            for name in names_in(text):
                if name not in allowed:
                    yield item.link_id, f"{{{name}}} cannot be filled in here: {_where(name)}"
                elif name in ALONE and text != f"{{{name}}}":
                    yield item.link_id, f"{{{name}}} must be the whole text"


def _fixed_texts(item: Item) -> list[str]:
    options = [words for option in item.options for words in (option.display, option.short or "")]
    return [item.label, item.row_label or "", item.add_label or "", item.phrase.replace("{value}", ""), *options]


def _where(name: str) -> str:
    if name in IN_QUESTIONS:
        return "it belongs into a title, a question, its help or a display text"
    return "it belongs into a display text" if name in IN_DISPLAYS else f"known are {', '.join(Placeholder)}"


def _is_neighbour(questionnaire: Questionnaire, item: Item, link_id: str) -> bool:
    other = questionnaire.by_link_id.get(link_id)
    return (
        other is not None
        and other.is_question
        and questionnaire.page_of(link_id) is questionnaire.page_of(item.link_id)
    )


def _bounds_fit(questionnaire: Questionnaire, item: Item) -> Iterable[Problem]:
    numbers: list[int] = []
    for bound in (item.minimum, item.maximum):
        if bound is None:
            continue
        if item.type is ItemType.INTEGER:
            if not re.fullmatch("-?[0-9]{1,10}", bound) or abs(int(bound)) > LARGEST_INTEGER:
                yield item.link_id, f"x-min and x-max of an integer are whole numbers, {LARGEST_INTEGER} at most"
            else:
                numbers.append(int(bound))
        elif item.type is not ItemType.DATE:
            yield item.link_id, "x-min and x-max belong to an integer or a date"
        elif not _BOUND.fullmatch(bound) or not (bound[0].isalpha() or _is_day(bound)):
            yield item.link_id, "x-min and x-max of a date are a day, today, birth-date or birth-date + N years"
        elif bound.startswith("birth-date") and ItemRole.BIRTH_DATE not in questionnaire.by_role:
            yield item.link_id, "x-min or x-max speaks of birth-date, and no question has x-role birth-date"
    if numbers != sorted(numbers):
        yield item.link_id, "x-min is more than x-max"


def _is_day(bound: str) -> bool:
    try:
        return bool(date.fromisoformat(bound))
    except ValueError:
        return False


INVARIANTS: tuple[Invariant, ...] = (
    head_is_sound,
    groups_have_items,
    link_ids_are_unique,
    link_ids_are_free,
    display_asks_nothing,
    options_belong_to_choices,
    conditions_fit,
    conditions_are_joined,
    conditions_lead_back_to_nothing,
    lengths_belong_to_texts,
    groups_have_their_place,
    lists_are_complete,
    questions_are_labelled,
    keys_fit_their_type,
    roles_fit_their_questions,
    only_what_may_stay_blank_is_told_in_person,
    placeholders_are_known,
)
