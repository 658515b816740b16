"""What must hold in a Questionnaire: FHIR R4's que-1 to que-13 where they can arise here, and rules of our own.

An item that is wrong by itself is a row of a table; what needs the form around it is a function.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from intake.questionnaire.model import TYPED, GroupKind, Item, ItemType, Operator, Questionnaire
from intake.questionnaire.placeholders import ALONE, IN_DISPLAYS, IN_QUESTIONS, Placeholder, names_in
from intake.questionnaire.roles import ItemRole, Meaning
from intake.questionnaire.values import Coding, PartialDate

Problem = tuple[str, str]
"""A linkId, `-` for the questionnaire itself, and what is wrong there."""

_KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COLUMN = re.compile(r"(?=.{1,32}\Z)[a-z][a-z0-9]*(_[a-z0-9]+)*")
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
CONTROLS = (
    "csrf_token",
    "seen",
    "sent-at",
    "whole",
    "whose",
    "from",
    "then",
    "add",
    "entry",
    "list",
    "keep",
    "change",
    "code",
)
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
    if not questionnaire.pages:
        yield "-", "the questionnaire has no pages"


def names_are_unique(questionnaire: Questionnaire) -> Iterator[Problem]:
    """FHIR que-2, and our spelling, kebab-case; every question has a label of its own for the clinician."""
    for link_id, count in Counter(item.link_id for item in questionnaire.walk()).items():
        if count > 1:
            yield link_id, "this linkId stands more than once (que-2)"
        if not _KEBAB.fullmatch(link_id):
            yield link_id, "a linkId is kebab-case: small letters, digits, single dashes"
    questions = [item for item in questionnaire.walk() if item.is_question]
    counts = Counter(item.label for item in questions)
    for item in questions:
        if item.label and counts[item.label] > 1:
            yield item.link_id, f"the x-label {item.label!r} stands more than once"
    columns = Counter(column_of(item) for item in questions)
    for item in questions:
        if item.column and (columns[item.column] > 1 or _is_taken(item.column)):
            yield item.link_id, f"there is a column {item.column} already"


def column_of(item: Item) -> str:
    """What the columns of a question begin with: its short name if it has one, else its linkId."""
    return item.column or item.link_id.replace("-", "_")


def _is_taken(column: str) -> bool:
    return column in RESERVED or column.startswith("derived_")


def conditions_lead_back_to_nothing(questionnaire: Questionnaire) -> Iterator[Problem]:
    """No question decides, by whatever detour, whether it is shown itself."""
    for link_id, deciding in questionnaire.depends_on.items():
        if link_id in deciding:
            yield link_id, "whether this is shown depends on itself"


def roles_fit_their_questions(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Each role once, on a question outside lists that takes what the program looks for there; a meaning on an option
    of the question that it belongs to."""
    counts = Counter(item.role for item in questionnaire.walk())
    for item in questionnaire.walk():
        if item.role is not None:
            if counts[item.role] > 1:
                yield item.link_id, f"the x-role {item.role} stands more than once"
            wanted = _ROLE_TYPES.get(item.role, ItemType.STRING)
            if item.type is not wanted or item.repeats or item.partial_date:
                kind = "with a full date" if item.role is ItemRole.BIRTH_DATE else "with one answer"
                yield item.link_id, f"x-role {item.role} belongs to a question of type {wanted}, {kind}"
            if questionnaire.list_of(item.link_id) is not None:
                yield item.link_id, f"x-role {item.role} cannot stand in a list"
        for option in item.options:
            role = ItemRole.RESPONDENT if option.means is Meaning.HELPER else ItemRole.CONTACT_SAFE
            if option.means is not None and item.role is not role:
                yield item.link_id, f"x-means {option.means} belongs to an option of the question with x-role {role}"


_ROLE_TYPES = {
    ItemRole.BIRTH_DATE: ItemType.DATE,
    ItemRole.COUNTRY: ItemType.CHOICE,
    ItemRole.RESPONDENT: ItemType.CHOICE,
    ItemRole.CONSENT: ItemType.BOOLEAN,
    ItemRole.CONTACT_SAFE: ItemType.CHOICE,
}
"""What a question with a role takes; of the other roles a string."""


# -- one item ----------------------------------------------------------------------------------------------------------


def _lacks_first_field(rows: Item) -> bool:
    first = next((child for child in rows.items if child.is_question), None)
    return first is None or not first.row_required or bool(first.enable_when)


WITH_REASONS = (ItemType.INTEGER, ItemType.DATE, ItemType.STRING)
"""Beside what a reason for no answer can be ticked."""
OF_AN_ITEM: tuple[tuple[Callable[[Item], object], str], ...] = (
    # FHIR que-1: a group has items, a display text has none; a question of ours has none either.
    (lambda item: item.type is ItemType.GROUP and not item.items, "a group needs items (que-1)"),
    (
        lambda item: item.type is not ItemType.GROUP and item.items,
        "an item of type {item.type} cannot hold items (que-1)",
    ),
    (
        lambda item: item.type is ItemType.DISPLAY and (item.code or item.required or item.repeats),
        "a display text has no code, is not required and does not repeat (que-3, que-6)",
    ),
    (
        lambda item: item.options and not item.is_choice,
        "only choice and open-choice have an answerOption (que-5)",
    ),
    (lambda item: item.is_choice and len(item.options) < 2, "a choice needs at least two options"),
    (
        lambda item: item.type is ItemType.OPEN_CHOICE and "other" in item.option_by_code,
        "an open-choice cannot have an option other: that value means own words",
    ),
    (
        lambda item: item.max_length is not None and item.type not in TYPED,
        "only a string or text has a maxLength (que-10)",
    ),
    # Every typed text has a longest length, so that nothing is cut later.
    (lambda item: item.type in TYPED and not item.max_length, "a {item.type} needs a maxLength"),
    (
        lambda item: len(item.enable_when) > 1 and item.enable_behavior is None,
        "several enableWhen need an enableBehavior, all or any (que-12)",
    ),
    # A list has its words and its limit, and asks a first field without which no entry is kept.
    (
        lambda item: item.is_rows and not (item.repeats and item.row_label and item.add_label and item.max_rows),
        "a list needs repeats: true, x-row-label, x-add-label and x-max-rows",
    ),
    (
        lambda item: item.is_rows and _lacks_first_field(item),
        "the first item of a list must be a question with x-row-required and without enableWhen",
    ),
    (
        lambda item: not item.is_rows and (item.row_label or item.add_label or item.add_first_label or item.max_rows),
        "x-row-label, x-add-label, x-add-first-label and x-max-rows belong to a list",
    ),
    # The other `x-*` keys stand only where they mean something (clinical.md 2.1).
    (lambda item: item.is_question and not item.label, "a question needs an x-label"),
    (lambda item: item.is_question and item.phrase.count("{value}") != 1, "x-phrase must hold {{value}} once"),
    (
        lambda item: item.repeats and not (item.is_choice or item.is_rows),
        "only choices and lists repeat",
    ),
    (
        lambda item: item.reasons and item.type not in WITH_REASONS,
        "x-unknown and x-decline belong to a number, date or string",
    ),
    (lambda item: item.partial_date and item.type is not ItemType.DATE, "x-partial-date belongs to a date"),
    (lambda item: item.must_be_true and item.type is not ItemType.BOOLEAN, "x-must-be-true belongs to a boolean"),
    (
        lambda item: item.export_group is not None and item.export_group not in EXPORT_GROUPS,
        f"x-export-group must be one of {', '.join(EXPORT_GROUPS)}",
    ),
    # Statistics programs take names of 32 characters, and a column of an option holds its code too.
    (lambda item: item.column is not None and not item.is_question, "x-column belongs to a question"),
    (
        lambda item: item.column is not None and not _COLUMN.fullmatch(item.column),
        "x-column is small letters, digits and single underscores, 32 characters at most",
    ),
    # It lets a patient leave a whole page.
    (lambda item: item.in_person and item.kind is not GroupKind.PAGE, "x-in-person belongs to a page"),
)
"""When an item is wrong by itself, and what is said of it then."""


# -- an item in its form -----------------------------------------------------------------------------------------------


def name_is_free(_: Questionnaire, item: Item) -> Iterator[str]:
    """No question has the name of a column that every export has or of a control that pages have, and no list that of
    a file."""
    column = item.link_id.replace("-", "_")
    if item.is_question and _is_taken(column):
        yield f"an export has a column {column} of its own; name the question otherwise"
    elif item.is_question and item.link_id in CONTROLS:
        yield f"pages have a control {item.link_id} of their own; name the question otherwise"
    if item.is_rows and item.link_id in FILES:
        yield f"an export has a file {item.link_id} of its own; name the list otherwise"


def options_fit(_: Questionnaire, item: Item) -> Iterator[str]:
    """The codes of options differ, and an exclusive one is there among several."""
    for code, count in Counter(option.code for option in item.options).items():
        if count > 1:
            yield f"the option {code} stands more than once"
        if not _CODE.fullmatch(code):
            yield f"the option {code!r} begins or ends with a space, or holds two together"
    for code in item.exclusive:
        if not (item.is_choice and item.repeats) or code not in item.option_by_code:
            yield f"x-exclusive: {code} is no option of a several-choice question here"


def conditions_fit(questionnaire: Questionnaire, item: Item) -> Iterator[str]:
    """FHIR que-7; a condition names a question that exists, with an answer of its type."""
    for condition in item.enable_when:
        target, answer = questionnaire.by_link_id.get(condition.question), condition.answer
        if target is None or not target.is_question:
            yield f"enableWhen: {condition.question} is no question of this form"
        elif condition.operator is Operator.EXISTS:
            if not isinstance(answer, bool):
                yield "enableWhen with exists needs an answerBoolean (que-7)"
        elif not isinstance(answer, _ANSWER_TYPES[target.type]) or (
            isinstance(answer, bool) and target.type is not ItemType.BOOLEAN
        ):
            yield f"enableWhen: the answer does not fit {condition.question}, which is of type {target.type}"
        elif isinstance(answer, Coding) and answer.code not in target.option_by_code:
            yield f"enableWhen: {condition.question} has no option {answer.code}"
        elif isinstance(answer, Coding) and condition.operator not in (Operator.EQUAL, Operator.NOT_EQUAL):
            yield f"enableWhen: options have no order, so {condition.operator} cannot be used"


_PLACES: dict[GroupKind | None, tuple[GroupKind | None, ...]] = {
    GroupKind.SECTION: (None,),
    GroupKind.PAGE: (GroupKind.SECTION,),
    GroupKind.PART: (GroupKind.PAGE, GroupKind.PART, GroupKind.ROWS),
    GroupKind.ROWS: (GroupKind.PAGE, GroupKind.PART),
    None: (GroupKind.PAGE, GroupKind.PART, GroupKind.ROWS),
}
"""What each kind of group, and what is no group, may stand in."""


def stands_in_its_place(questionnaire: Questionnaire, item: Item) -> Iterator[str]:
    """Sections hold pages, pages hold the rest, and lists do not stand in lists."""
    parent, rows = questionnaire.parents.get(item.link_id), questionnaire.list_of(item.link_id)
    if (item.type is ItemType.GROUP) != (item.kind is not None):
        yield "every group, and nothing else, has an x-kind"
    elif (parent.kind if parent else None) not in _PLACES[item.kind] or (item.kind is None and parent is None):
        yield f"a {item.kind or item.type} cannot stand here"
    if item.is_rows and rows is not None:
        yield "a list cannot stand in a list"
    if item.row_required and rows is None:
        yield "x-row-required belongs to the first field of a list"


def required_unless_fits(questionnaire: Questionnaire, item: Item) -> Iterator[str]:
    """Of two questions of a page one must be answered: neither by itself."""
    if item.required_unless is None:
        return
    other, pages = questionnaire.by_link_id.get(item.required_unless), questionnaire.page_names
    is_neighbour = other and other.is_question and pages.get(other.link_id) == pages.get(item.link_id)
    if item.required or not is_neighbour:
        yield "x-required-unless names a question of the same page, and the item itself is not required"


def in_person_page_needs_nothing(_: Questionnaire, item: Item) -> Iterator[str]:
    """What is left to be told in person stays blank, so no answer is needed there."""
    if item.in_person and item.kind is GroupKind.PAGE and item.needed:
        needed = ", ".join(one.link_id for one in item.needed)
        yield f"x-in-person cannot stand on a page with a required question: {needed}"


def bounds_fit(questionnaire: Questionnaire, item: Item) -> Iterator[str]:
    """A bound is a number, or a day that can be reckoned."""
    numbers: list[int] = []
    for bound in (item.minimum, item.maximum):
        if bound is None:
            continue
        if item.type is ItemType.INTEGER:
            if not re.fullmatch("-?[0-9]{1,10}", bound) or abs(int(bound)) > LARGEST_INTEGER:
                yield f"x-min and x-max of an integer are whole numbers, {LARGEST_INTEGER} at most"
            else:
                numbers.append(int(bound))
        elif item.type is not ItemType.DATE:
            yield "x-min and x-max belong to an integer or a date"
        elif not _BOUND.fullmatch(bound) or not (bound[0].isalpha() or _is_day(bound)):
            yield "x-min and x-max of a date are a day, today, birth-date or birth-date + N years"
        elif bound.startswith("birth-date") and ItemRole.BIRTH_DATE not in questionnaire.by_role:
            yield "x-min or x-max speaks of birth-date, and no question has x-role birth-date"
    if numbers != sorted(numbers):
        yield "x-min is more than x-max"


def _is_day(bound: str) -> bool:
    try:
        return bool(date.fromisoformat(bound))
    except ValueError:
        return False


def placeholders_are_known(_: Questionnaire, item: Item) -> Iterator[str]:
    """What stands in curly brackets can be filled in there: nothing in options and labels, as all read the same."""
    fillable = IN_DISPLAYS if item.type is ItemType.DISPLAY else IN_QUESTIONS
    options = [words for option in item.options for words in (option.display, option.short)]
    fixed = (
        item.label,
        item.row_label,
        item.add_label,
        item.add_first_label,
        item.phrase.replace("{value}", ""),
        *options,
    )
    for allowed, texts in ((fillable, (item.text, item.help)), (frozenset(), fixed)):
        for text in texts:
            for name in names_in(text or ""):
                if name not in allowed:
                    yield f"{{{name}}} cannot be filled in here: {_where(name)}"
                elif name in ALONE and text != f"{{{name}}}":
                    yield f"{{{name}}} must be the whole text"


def _where(name: str) -> str:
    if name in IN_QUESTIONS:
        return "it belongs into a title, a question, its help or a display text"
    return "it belongs into a display text" if name in IN_DISPLAYS else f"known are {', '.join(Placeholder)}"


def problems_of(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Whatever breaks an invariant."""
    for of_a_form in (head_is_sound, names_are_unique, conditions_lead_back_to_nothing, roles_fit_their_questions):
        yield from of_a_form(questionnaire)
    for item in questionnaire.walk():
        yield from ((item.link_id, what.format(item=item)) for is_wrong, what in OF_AN_ITEM if is_wrong(item))
        yield from ((item.link_id, what) for invariant in _IN_ITS_FORM for what in invariant(questionnaire, item))


_IN_ITS_FORM: tuple[Callable[[Questionnaire, Item], Iterator[str]], ...] = (
    name_is_free,
    options_fit,
    conditions_fit,
    stands_in_its_place,
    required_unless_fits,
    in_person_page_needs_nothing,
    bounds_fit,
    placeholders_are_known,
)
