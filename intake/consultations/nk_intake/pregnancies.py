"""The rows of `pregnancies` as the rules see them: how each ended, its weeks, who carried (clinical.md 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from intake.consultations.nk_intake.words import LOSSES, MIXED, counted
from intake.questionnaire.response import Entry
from intake.summary.patient_answers import NOT_KNOWN, PatientAnswers
from intake.summary.statement import text_of

ENDED = ("medical-reasons", "ended-by-choice")
UNCLEAR = ("other", "not-sure", "declined")
LED_TO_PREGNANCY = (
    *("very-early-loss", "miscarriage", "ectopic", "stillbirth", "neonatal-death", "live-birth", "other-end"),
    "ongoing",
)
"""Results of a transfer that a pregnancy came from (C-04)."""
LISTED_ON = "page-pregnancies"
TRANSFERS_LISTED_ON = "page-transfers"


class Weeks(NamedTuple):
    """The lowest and the highest week that the patient's answer can mean."""

    lowest: int
    highest: int


_FIRST_WEEKS = (1, 6, 10, 14, 20, 22, 24, 28, 37, 45)
BANDS = {f"w{first:02}-{end - 1:02}": Weeks(first, end - 1) for first, end in pairwise(_FIRST_WEEKS)}
"""What the options of `preg-weeks-band` stand for: `w01-05` for weeks 1 to 5."""
_OLD_BANDS = {"w20-23": Weeks(20, 23)}
"""One that 1.0.0 and 1.1.0 offered."""


class Pregnancy(NamedTuple):
    """One row. A number that nobody gave is None; `carrier` is me, partner, surrogate, or None if it is not given."""

    row: Entry
    outcome: str
    weeks: Weeks | None
    carrier: str | None
    babies: int | None
    born_alive: int | None
    living: int | None

    @property
    def kind(self) -> str:
        """How it ended, twins or more with different endings told apart: `mixed, some born alive` counts as a birth,
        `mixed` alone as a loss, `mixed, not said` as neither."""
        if self.outcome != MIXED:
            return self.outcome
        if self.born_alive or (self.born_alive is None and self.living):
            return SOME_BORN_ALIVE
        return MIXED if self.born_alive == 0 and not self.living else NOT_SAID

    @property
    def is_loss(self) -> bool:
        """Whether it is one of the seven kinds of losses."""
        return self.kind in LOSSES

    @property
    def is_not_clear(self) -> bool:
        """Whether how it ended cannot be told."""
        return self.kind in (*UNCLEAR, NOT_SAID)

    @property
    def is_not_all_living(self) -> bool:
        """Whether it is a live birth after which not all children are living."""
        fewer = self.living is not None and (self.living == 0 or self.living < (self.babies or 0))
        return self.outcome == "live-birth" and fewer

    @property
    def may_be_loss(self) -> bool:
        """Whether it is no loss here and the patient may count it as one (clinical.md 2.5)."""
        perhaps = self.outcome in (*ENDED, *UNCLEAR, "neonatal-death", MIXED)
        return not self.is_loss and (perhaps or self.is_not_all_living)

    @property
    def has_living(self) -> bool:
        """Whether living children are asked of it and can be: not of twins of whom none was born alive."""
        return self.kind in ("live-birth", SOME_BORN_ALIVE, NOT_SAID)


SOME_BORN_ALIVE = f"{MIXED}, some born alive"
NOT_SAID = f"{MIXED}, not said"


@dataclass(frozen=True, slots=True)
class Pregnancies:
    """All rows by who carried. *now* is 1 if a pregnancy goes on without an own row, *extra* the same unless a row
    without a carrier may be it: nobody said that it is another (clinical.md 3.3)."""

    rows: tuple[Pregnancy, ...]
    own: tuple[Pregnancy, ...]
    others: tuple[Pregnancy, ...]
    carrier_not_given: tuple[Pregnancy, ...]
    now: int
    extra: int

    @property
    def listed(self) -> int:
        """Rows, and the pregnancy now if it has none."""
        return len(self.rows) + self.extra

    @property
    def losses(self) -> int:
        """Rows that are a loss, whoever carried."""
        return sum(row.is_loss for row in self.rows)

    @property
    def losses_at_most(self) -> int:
        """Rows that are a loss or may be one."""
        return self.losses + sum(row.may_be_loss for row in self.rows)


def pregnancies_of(answers: PatientAnswers) -> Pregnancies:
    """Who carried is asked only where someone else may have; otherwise all rows are the patient's own."""
    ever = answers.code("ever-pregnant")
    rows = tuple(_pregnancy(answers, row, shared=ever in ("both", "other")) for row in answers.rows("pregnancies"))
    own = tuple(one for one in rows if one.carrier == "me")
    not_given = tuple(one for one in rows if one.carrier is None)
    is_now = answers.code("pregnant-now") == "yes" and ever in ("me", "both", "other", "no")
    now = int(is_now and not any(one.outcome == "ongoing" for one in own))
    return Pregnancies(
        rows=rows,
        own=own,
        others=tuple(one for one in rows if one.carrier not in ("me", None)),
        carrier_not_given=not_given,
        now=now,
        extra=now and int(not any(one.outcome == "ongoing" for one in not_given)),
    )


def _pregnancy(answers: PatientAnswers, row: Entry, *, shared: bool) -> Pregnancy:
    carrier = answers.code("preg-carrier", row) if shared else "me"
    return Pregnancy(
        row,
        answers.code("preg-outcome", row) or "",
        weeks_of(answers, row),
        carrier if carrier in ("me", "partner", "surrogate") else None,
        *(answers.number(link_id, row) for link_id in ("preg-babies", "preg-born-alive", "preg-living")),
    )


def weeks_of(answers: PatientAnswers, row: Entry) -> Weeks | None:
    """The weeks of a pregnancy: the number, else the band, else None (clinical.md 3.3, Weeks)."""
    number = answers.number("preg-weeks", row)
    if number is not None:
        return Weeks(number, number)
    return (BANDS | _OLD_BANDS).get(answers.code("preg-weeks-band", row) or "")


def weeks_in_words(answers: PatientAnswers, row: Entry) -> str:
    """`8 weeks`, `about 6 to 9 weeks` or `weeks not given` (clinical.md 3.6, {weeks})."""
    number = answers.number("preg-weeks", row)
    if number is not None:
        return counted(number, "week")
    band = text_of(answers.words("preg-weeks-band", row, without=NOT_KNOWN))
    return f"about {band}" if band else "weeks not given"


# -- transfers ---------------------------------------------------------------------------------------------------------


class Transfer(NamedTuple):
    """One row of `transfers`; `to` is me, partner, surrogate or not-given."""

    row: Entry
    result: str
    to: str
    embryos: int | None

    @property
    def led_to_pregnancy(self) -> bool:
        """Whether a pregnancy came from it."""
        return self.result in LED_TO_PREGNANCY


def transfers_of(answers: PatientAnswers) -> tuple[Transfer, ...]:
    """All rows, those that were cancelled too. Before 1.2.0 nobody was asked who had them: they count as the
    patient's (clinical.md 3.3)."""
    return tuple(
        Transfer(
            row,
            answers.code("transfer-result", row) or "",
            transfer_to(answers, row),
            answers.number("transfer-embryos", row),
        )
        for row in answers.rows("transfers")
    )


def transfer_to(answers: PatientAnswers, row: Entry) -> str:
    """Who had a transfer."""
    if "transfers-who" not in answers.questionnaire.by_link_id:
        return "me"
    who = answers.code("transfers-who")
    found = answers.code("transfer-carrier", row) if who == "more" else who
    return found if found in ("me", "partner", "surrogate") else "not-given"
