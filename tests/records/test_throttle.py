"""The throttle: so many tries in so much time, for each person on their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import text

from intake.records import throttle
from intake.records.database import transaction
from intake.records.throttle import Growing, Tries, Window
from tests.records.clinic import NOW, Records

WINDOW = Window(3, timedelta(seconds=60))
GROWING = Growing(2, first=timedelta(seconds=5), longest=timedelta(seconds=30), remembered=timedelta(hours=1))


def tried(records: Records, who: str = "192.0.2.1", what: str = "resume", after: float = 0) -> int:
    with transaction(records.engine) as session:
        return throttle.hit(session, records.keyring, [Tries(what, who, WINDOW)], now=NOW + timedelta(seconds=after))


def test_tries_go_ahead_up_to_the_limit_and_then_say_how_long_to_wait(records: Records):
    assert [tried(records, after=n) for n in range(5)] == [0, 0, 0, 57, 56]


def test_the_wait_is_over_when_it_was_said_to_be(records: Records):
    for _ in range(3):
        tried(records)
    assert tried(records, after=59.999) == 1
    assert tried(records, after=60) == 0


def test_of_many_first_tries_at_once_as_many_go_ahead_as_may(records: Records):
    for round in range(5):
        together = Barrier(8)

        def at_once(_: int, round: int = round, together: Barrier = together) -> int:
            together.wait()
            return tried(
                records, who=f"192.0.2.{round}", after=round * 60
            )  # the windows of the round before are over: they are cleared at once, too

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(at_once, range(8))) == [0, 0, 0, 60, 60, 60, 60, 60]


def test_people_and_things_are_counted_apart(records: Records):
    for _ in range(3):
        tried(records)
    assert tried(records) == 60
    assert tried(records, who="192.0.2.2") == 0
    assert tried(records, what="sign-in") == 0


def test_a_clock_set_back_lets_nobody_in_earlier(records: Records):
    for _ in range(3):
        tried(records)
    assert tried(records, after=-3600) > 60


def test_who_tried_stands_nowhere_and_old_windows_are_cleared(records: Records):
    for n in range(20):
        tried(records, who=f"198.51.100.{n}")
    assert b"198.51.100." not in b"".join(records.database.files().values())
    tried(records, after=120)
    with transaction(records.engine) as session:
        assert session.execute(text("SELECT count(*) FROM throttle")).scalar_one() == 1


def guessed(records: Records, after: float, who: str = "a") -> int:
    with transaction(records.engine) as sql:
        tries = [Tries("password", who, GROWING), Tries("sign-in", "192.0.2.1", Window(99, timedelta(hours=1)))]
        return throttle.hit(sql, records.keyring, tries, now=NOW + timedelta(seconds=after))


def test_a_growing_wait_doubles_up_to_the_longest_and_a_turned_away_try_does_not_count(records: Records):
    moments = [0, 1, 2, 6, 7, 16, 17, 36, 37, 66, 67, 97]
    assert [guessed(records, at) for at in moments] == [0, 0, 4, 0, 9, 0, 19, 0, 29, 0, 29, 0]
    assert guessed(records, 98, who="b") == 0


def test_what_was_right_is_forgotten_for_an_account_and_taken_back_for_an_address(records: Records):
    for at in range(2):
        guessed(records, at)
    account, address = Tries("password", "a", GROWING), Tries("sign-in", "192.0.2.1", WINDOW)
    with transaction(records.engine) as sql:
        throttle.forget(sql, records.keyring, account)
        throttle.take_back(sql, records.keyring, address)
    assert guessed(records, 2) == 0
    with transaction(records.engine) as sql:
        moment = NOW + timedelta(seconds=3)
        assert throttle.hit(sql, records.keyring, [address], now=moment) == 0
        assert throttle.hit(sql, records.keyring, [address], now=moment) > 0


def test_a_growing_wait_is_forgotten_after_its_time(records: Records):
    for at in (0, 1):
        guessed(records, at)
    assert guessed(records, 2) > 0
    assert [guessed(records, 3602), guessed(records, 3603)] == [0, 0]
