"""`intake demo`: responses of patients who do not exist, through the same verbs as real ones, the trail included.

Other processes make the answers and this one alone writes them, in short transactions with a pause behind each, so that
whoever else writes to the database gets in between.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import connection, get_context, parent_process
from typing import Final

import click
from sqlalchemy import Connection

from intake.answers.document import Agreement, StoredDocument
from intake.cli.opening import open_intake
from intake.config import Settings
from intake.consultations import catalogue
from intake.consultations.rules import rules_for
from intake.patient.consent import read
from intake.patient.submission import Submission, submission_of
from intake.questionnaire.model import Questionnaire
from intake.records import codes, drafts, reviews, sending, sent, sessions
from intake.records.audit import Agent
from intake.records.cipher import JsonObject
from intake.records.database import reading, transaction
from intake.records.drafts import RESUME_CODE, DraftHandle
from intake.records.errors import CannotStart
from intake.records.sessions import SessionKind
from intake.web.extensions import Installation, now

BATCH: Final = 50  # how many responses one transaction holds: about a tenth of a second of SQLite's write lock
PAUSE: Final = 0.25
"""How long nothing is written after a batch, as a share of the time it took: who waits then finds the lock free."""
LONGEST_PAUSE: Final = 1.0
"""Seconds, at most: a batch that was held up itself is no reason to wait a quarter as long again."""
ALONE: Final = 500  # up to so many responses this process makes itself: starting others would take longer
SPAN: Final = timedelta(days=180)  # the time over which responses were sent, up to now
REVIEWED: Final = 0.6
REVIEWER: Final = Agent("demo", "Demo clinician", "clinician")
NOTES: Final = ("", "", "Read before the visit.", "Bring the letter from Dr Núñez — ask about dates.")
SECONDS_A_LINE: Final = 5.0  # how often progress is told


@dataclass(frozen=True)
class Plan:
    """What is to be made; each response follows from this and its number alone, whoever makes it."""

    seed: int
    responses: int
    drafts: int
    until: datetime
    settings: Settings

    def is_draft(self, number: int) -> bool:
        """Whether this one is left a draft: they are spread evenly among the others."""
        return (number + 1) * self.drafts // self.responses > number * self.drafts // self.responses


@dataclass(frozen=True)
class InventedReview:
    """That a sent response was looked at, when, and the note."""

    at: datetime
    note: str


@dataclass(frozen=True)
class InventedResponse:
    """One response, ready to be kept: a draft's `document`, or what sending it stores."""

    questionnaire: str
    language: str
    empty: JsonObject
    document: JsonObject
    submission: Submission | None
    started_at: datetime
    kept_at: datetime
    review: InventedReview | None


@click.command()
@click.option("--responses", "count", required=True, type=click.IntRange(1), help="How many, drafts among them.")
@click.option(
    "--seed", type=int, help="The same number gives the same answers again; one is drawn and told if left out."
)
@click.option(
    "--sent-share", default=0.9, show_default=True, type=click.FloatRange(0, 1), help="How many of them are sent."
)
@click.option("--print-codes", is_flag=True, help="Print the reference and the resume code of each draft.")
def demo(count: int, seed: int | None, sent_share: float, print_codes: bool) -> None:
    """Fill a try-out with responses of patients who do not exist."""
    intake = open_intake(may_make_tryout=True)
    only_among_invented(intake)
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    plan = Plan(seed, count, count - round(count * sent_share), now(), intake.settings)
    kept, told = 0, time.monotonic()
    try:
        for batch in made_in_batches(plan, processes=(os.cpu_count() or 1) if count > ALONE else 0):
            for started in keep_batch(intake, batch):
                if print_codes:
                    click.echo(f"{started.reference} {codes.shown(started.code)}")
            kept += len(batch)
            if time.monotonic() - told > SECONDS_A_LINE:
                told = time.monotonic()
                click.echo(f"{kept} of {count} …", err=True)
    except BrokenProcessPool:
        raise click.ClickException(
            f"A process that makes responses was ended from outside; {kept} of {count} are kept."
        ) from None
    click.echo(f"Made {count} responses with seed {seed}: {count - plan.drafts} sent, {plan.drafts} drafts.", err=True)


def only_among_invented(intake: Installation) -> None:
    """See that nothing invented comes among what patients really sent (decision 0028). Raises CannotStart."""
    if intake.settings.tryout:
        return
    with reading(intake.engine) as sql:
        if sent.any_sent(sql):
            raise CannotStart(
                "The database holds sent responses, and invented ones would stand among them; name another folder with "
                "INTAKE_INSTANCE, or set INTAKE_ENV=tryout if this is a try-out."
            )


# -- made --------------------------------------------------------------------------------------------------------------


def made_in_batches(plan: Plan, *, processes: int) -> Iterator[list[InventedResponse]]:
    """All responses in order, a batch at a time, made by so many other processes; by this one if there are none.

    Raises BrokenProcessPool when one of them is ended from outside.
    """
    batches = [range(start, min(start + BATCH, plan.responses)) for start in range(0, plan.responses, BATCH)]
    if not processes:
        yield from (make_batch(plan, batch) for batch in batches)
        return
    # fresh ones, which hold nothing of ours: neither a database connection nor a key
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin_worker)
    begun: deque[Future[list[InventedResponse]]] = deque()
    try:
        for batch in batches:
            begun.append(pool.submit(make_batch, plan, batch))
            if len(begun) > 2 * processes:  # no more is begun before it is wanted, so that memory does not grow
                yield begun.popleft().result()
        yield from (future.result() for future in begun)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that started this one, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None, "this runs in a process that the pool started"
    threading.Thread(target=lambda: (connection.wait([parent.sentinel]), os._exit(0)), daemon=True).start()


def make_batch(plan: Plan, numbers: range) -> list[InventedResponse]:
    """The responses of these numbers, to the form that new responses get."""
    questionnaire = catalogue.open(plan.settings.instance, plan.settings.questionnaire).active
    return [make(plan, questionnaire, number) for number in numbers]


def make(plan: Plan, questionnaire: Questionnaire, number: int) -> InventedResponse:
    """One response: its answers follow from the seed and its number, its times from the moment of the plan too."""
    chance = random.Random(f"{plan.seed}/{number}")  # noqa: S311 - guards nothing # nosec B311
    sent = not plan.is_draft(number)
    patient = rules_for(questionnaire).patient(questionnaire, chance, sent=sent)
    started_at, kept_at = _times(plan, number, chance, sent)
    settings = plan.settings
    agreement = Agreement(read(settings.consent_file).version, started_at, questionnaire.language)
    draft = StoredDocument(questionnaire, patient.response, agreement=agreement)
    for page in patient.done:
        draft = draft.told_in_person(page) if page.link_id in patient.in_person else draft.with_done(page)
    return InventedResponse(
        questionnaire=questionnaire.canonical,
        language=questionnaire.language,
        empty=StoredDocument.new(questionnaire).to_document(),
        document=draft.to_document(),
        submission=submission_of(draft, settings.summary, kept_at, settings.clinic_timezone) if sent else None,
        started_at=started_at,
        kept_at=kept_at,
        review=_review(plan, kept_at, chance) if sent else None,
    )


def _times(plan: Plan, number: int, chance: random.Random, sent: bool) -> tuple[datetime, datetime]:
    """When a response was begun, and sent or last saved: in order, none in the future, no draft longer than kept."""
    span = SPAN if sent else min(SPAN, timedelta(days=plan.settings.draft_days - 1))
    kept_at = plan.until - span * (1 - (number + chance.random()) / plan.responses)
    minutes, days = chance.randint(8, 90), chance.randint(1, 9) if chance.random() < 0.2 else 0
    return kept_at - timedelta(days=days, minutes=minutes), kept_at


def _review(plan: Plan, sent_at: datetime, chance: random.Random) -> InventedReview | None:
    if chance.random() >= REVIEWED:
        return None
    after = chance.random() * min(plan.until - sent_at, timedelta(days=14))
    return InventedReview(sent_at + after, chance.choice(NOTES))


# -- kept --------------------------------------------------------------------------------------------------------------


def keep_batch(intake: Installation, batch: Iterable[InventedResponse]) -> list[DraftHandle]:
    """Keep these in one transaction, then let others write; gives the drafts among them."""
    began = time.monotonic()
    with transaction(intake.engine) as sql:
        drafts = [started for made in batch if (started := keep(sql, intake, made)) is not None]
    time.sleep(min((time.monotonic() - began) * PAUSE, LONGEST_PAUSE))
    return drafts


def keep(sql: Connection, intake: Installation, made: InventedResponse) -> DraftHandle | None:
    """Start a response and send it; or leave it a draft that only its code opens, which is given back."""
    token = sessions.new_token()
    started = drafts.start(
        sql,
        intake.keyring,
        questionnaire=made.questionnaire,
        language=made.language,
        token=token,
        document=made.empty,
        now=made.started_at,
        keep_days=intake.settings.draft_days,
    )
    if made.submission is None:  # the session of the browser that filled it in ends
        sessions.open(sql, token, kind=SessionKind.PATIENT, owner=started.id, now=made.started_at)
        document = made.document | {RESUME_CODE: started.code}
        drafts.save(sql, started, document, now=made.kept_at, keep_days=intake.settings.draft_days)
        sessions.close(sql, token)
        return started
    sending.complete(sql, intake.keyring, started, **made.submission, now=made.kept_at)
    if made.review is not None:
        reviews.review(sql, intake.keyring, started.id, REVIEWER, note=made.review.note, now=made.review.at)
    return None
