"""Whether the trail is whole: each event behind the one before it, the newest as it was noted. Writes nothing."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from intake.records import chain
from intake.records.chain import Head
from intake.records.keyring import Keyring
from intake.records.tables import EVENTS

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """The first event that is not as it was written: its number, and what is wrong in words."""

    n: int
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many events there are, and the first fault, if there is one."""

    events: int
    fault: Fault | None = None


def verify(sql: Connection, keyring: Keyring, noted: Head | None) -> Verdict:
    """Follow the trail from its first event to its last, over the one that was noted as the newest.

    The numbers of events from before 0.5 may have gaps; that nothing is missing between two events is for the MACs to
    say, which cover the one before.
    """
    head, count, is_noted = Head(0, chain.FIRST), 0, noted is None or noted.n == 0
    with sql.execute(select(EVENTS).order_by(EVENTS.c.n).execution_options(yield_per=BATCH)) as events:
        for event in events:
            count += 1
            if event.mac is None:
                return Verdict(count, Fault(event.n, "bears no seal: this program did not write it"))
            if chain.mac_of(keyring, event._asdict(), head.mac) != event.mac:
                what = "was changed, or one before it was changed, moved, added or taken away"
                return Verdict(count, Fault(event.n, what))
            head = Head(event.n, event.mac)
            is_noted = is_noted or head == noted
    if noted is not None and not is_noted:
        return Verdict(count, Fault(head.n + 1, f"is missing: event {noted.n} was noted as the newest"))
    return Verdict(count)
