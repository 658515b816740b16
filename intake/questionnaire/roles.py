"""What a question is to the program, and what an option means to it: the few things that pages look for, in any form.

A form says so itself (`x-role` on an item, `x-means` on an option). Versions that were published before these keys have
them added from a table of their rule package, as a published file never changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intake.questionnaire.model import Item, Questionnaire


class ItemRole(StrEnum):
    """What the answer to a question is to the program. A form has each role at most once, and may do without any."""

    NAME = "name"
    BIRTH_DATE = "birth-date"
    ADDRESS_AS = "address-as"
    EMAIL = "email"
    PHONE = "phone"
    COUNTRY = "country"
    RESPONDENT = "respondent"
    CONSENT = "consent"
    CONTACT_SAFE = "contact-safe"


class Meaning(StrEnum):
    """What choosing an option means to the program: that somebody else answers, or how the patient may be reached."""

    HELPER = "helper"
    REACH_ANY_WAY = "reach-any-way"
    REACH_BY_EMAIL = "reach-by-email"
    REACH_BY_PHONE = "reach-by-phone"
    REACH_BY_PHONE_WITHOUT_MESSAGES = "reach-by-phone-without-messages"


@dataclass(frozen=True, slots=True)
class Annotations:
    """Roles by linkId, and meanings by linkId and code, for a form whose file does not have them."""

    roles: Mapping[str, ItemRole] = field(default_factory=dict)
    meanings: Mapping[str, Mapping[str, Meaning]] = field(default_factory=dict)


def annotated(questionnaire: Questionnaire, annotations: Annotations) -> Questionnaire:
    """The same questionnaire with these roles and meanings; what its file says itself stays."""
    return replace(questionnaire, items=tuple(_annotated(item, annotations) for item in questionnaire.items))


def _annotated(item: Item, annotations: Annotations) -> Item:
    meanings = annotations.meanings.get(item.link_id, {})
    options = tuple(replace(option, means=option.means or meanings.get(option.code)) for option in item.options)
    below = tuple(_annotated(child, annotations) for child in item.items)
    return replace(item, role=item.role or annotations.roles.get(item.link_id), options=options, items=below)
