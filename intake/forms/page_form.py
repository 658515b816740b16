"""One page of questions as it was sent: its answers, or what could not be accepted, with everything typed kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final, cast

from werkzeug.datastructures import MultiDict

from intake.forms import messages
from intake.forms.fields import BadForm, QuestionField, field_for
from intake.forms.form import Form, Problem
from intake.forms.typed import Typed, control_names, first_control
from intake.questionnaire.model import Item
from intake.questionnaire.values import Answer

MOST_FIELDS = 500
"""The most fields of one body: werkzeug does not count those of urlencoded ones (security.md 3.7)."""


@dataclass(frozen=True)
class ParsedPage:
    """One page as it was read. `answers` holds every question of it, the blank ones too, but none with a problem.

    `remarks` are what the patient is told once they are saved.
    """

    items: tuple[Item, ...]
    answers: Mapping[str, Answer]
    typed: Mapping[str, Typed]
    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()

    def with_missing(self, missing: Iterable[Item], plainer: Mapping[str, str] = messages.NONE_PLAINER) -> ParsedPage:
        """The same, with a problem for each of these required questions that stood on the page and could be read;
        `plainer` as in `messages.missing`.

        Of two questions of which either would do (x-required-unless) only the first is a problem, and none if the other
        one holds something that could not be read.
        """
        by_id = {item.link_id: item for item in self.items}
        asked = {problem.field for problem in self.problems}
        found = list(self.problems)
        for item in missing:
            instead = by_id.get(item.required_unless or "")
            if item.link_id in self.answers and (instead is None or instead.link_id not in asked):
                found.append(Problem(item.link_id, first_control(item), messages.missing(item, instead, plainer)))
                asked.add(item.link_id)
        order = list(by_id)
        return replace(self, problems=tuple(sorted(found, key=lambda problem: order.index(problem.field))))


def check_names(sent: MultiDict[str, str], items: Iterable[Item], housekeeping: Collection[str]) -> None:
    """Refuse a body that is too large or has names that the page does not have. Raises BadForm."""
    if sum(len(values) for values in sent.listvalues()) > MOST_FIELDS:
        raise BadForm(f"more than {MOST_FIELDS} fields were sent")
    known = {name for item in items for name in control_names(item)} | set(housekeeping)
    if not known >= set(sent.keys()):
        raise BadForm("a field was sent that the page does not have")
    for name in housekeeping:
        if len(sent.getlist(name)) > 1:
            raise BadForm(f"{name} was sent doubled")


def was_sent(item: Item, sent: MultiDict[str, str]) -> bool:
    """Whether any control of this question is in the body."""
    return any(name in sent for name in control_names(item))


def read_page(
    items: Sequence[Item], sent: MultiDict[str, str], *, today: date, weeks: frozenset[str] = frozenset()
) -> ParsedPage:
    """Read what was sent for these questions; `today` is the day in the clinic's time zone, `weeks` as in `Rules`.

    What does not fit its question is a problem, never an exception. Raises BadForm for what no page of ours sends.
    """
    form = _form_class(tuple(items), weeks)(sent, today)
    fits = form.validate()
    fields = [cast(QuestionField, field) for field in form]
    return ParsedPage(
        items=tuple(items),
        answers={field.name: field.answer for field in fields if not field.errors},
        typed={field.name: field.typed for field in fields},
        problems=() if fits else form.problems,
        remarks=tuple(field.remark for field in fields if field.remark and not field.errors),
    )


class PageForm(Form):
    """A page of questions, each a field of the name of its linkId. `today` is the day in the clinic's time zone."""

    items: ClassVar[tuple[Item, ...]]

    class Meta:
        """Without a token of its own: CSRFProtect has checked what was sent, the template draws the next one, and a
        page can be read outside a request."""

        csrf = False

    def __init__(self, sent: MultiDict[str, str], today: date) -> None:
        self.today = today
        super().__init__(formdata=sent)


_MOST_CLASSES: Final = 500
_CLASSES: Final[dict[tuple[tuple[str, ...], frozenset[str]], type[PageForm]]] = {}
"""The classes made so far, by the linkIds of their questions and of those in weeks: which stand on a page is up to the
answers before."""


def _form_class(items: tuple[Item, ...], weeks: frozenset[str] = frozenset()) -> type[PageForm]:
    """The class for these questions, made once: nothing in it depends on the request.

    Another version's questions of the same linkIds get a class of their own in its place.
    """
    names = tuple(item.link_id for item in items)
    made = _CLASSES.get((names, weeks))
    if made is None or made.items != items:
        if len(_CLASSES) >= _MOST_CLASSES:
            _CLASSES.clear()
        # attributes by number, so that no linkId hides one of WTForms' own
        fields = {
            f"question_{number}": field_for(item, weeks=item.link_id in weeks) for number, item in enumerate(items)
        }
        made = cast(type[PageForm], type("QuestionsForm", (PageForm,), {"items": items, **fields}))
        _CLASSES[names, weeks] = made
    return made
