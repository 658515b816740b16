"""What is at rest: drafts that database and keyring together cannot open, nothing readable anywhere, and a search that
would find it."""

import base64
from collections.abc import Iterator
from contextlib import suppress
from itertools import product

import pytest
from sqlalchemy import text

from intake.records import cipher, data_keys, sent
from intake.records.cipher import AssociatedData
from intake.records.database import reading, transaction
from intake.records.errors import CannotOpen
from tests.records import clinic
from tests.records.clinic import Patient, Records

INFOS = (data_keys.CODE_INFO, data_keys.SESSION_INFO, b"")
CANARY = "Zwölfkanarienvogel"


class NullCipher:
    """Encryption switched off: what a search for readable text must be able to find."""

    algorithm = 0

    def seal(self, key: bytes, plaintext: bytes, aad: bytes) -> bytes:
        return plaintext

    def unseal(self, key: bytes, sealed: bytes, aad: bytes) -> bytes:
        return sealed


def everything_at_rest(records: Records) -> Iterator[bytes]:
    """Every key of the keyring and every value of every table, in its spellings."""
    for key in records.keyring.keys.values():
        yield key.secret
        yield key.id.encode()
    with reading(records.engine) as session:
        for table in sorted(records.database.tables()):
            for value in (
                value for row in session.execute(text(f'SELECT * FROM "{table}"')) for value in row if value is not None
            ):
                yield value if isinstance(value, bytes) else str(value).encode()
                if isinstance(value, str):
                    yield value.removeprefix("session:").encode()
                    yield value.replace("-", "").encode()


def keys_from(material: bytes) -> Iterator[bytes]:
    """Every 256-bit key this could be or become: as it is, from hex, through HKDF under each purpose."""
    if len(material) < 600:
        yield from (material[at : at + 32] for at in range(len(material) - 31))
    words = {material.decode("latin-1"), material.hex(), base64.urlsafe_b64encode(material).decode().rstrip("=")}
    yield from (cipher.derive(word, info) for word, info in product(words, INFOS))
    with suppress(ValueError):  # not hex: nothing to try
        raw = bytes.fromhex(material.decode("ascii"))
        if len(raw) == 32:
            yield raw


def opened_by_any(records: Records, blobs: list[tuple[bytes, AssociatedData]]) -> set[bytes]:
    """What the database and the keyring open of these blobs."""
    opened = set()
    for material in everything_at_rest(records):
        for key, (blob, place) in product(keys_from(material), blobs):
            try:
                opened.add(cipher.unseal(key, blob, associated_data=place))
            except CannotOpen:
                continue
    return opened


def blobs_of(records: Records, id: str) -> list[tuple[bytes, AssociatedData]]:
    with reading(records.engine) as session:
        wanted = "SELECT content, reference, status, revision FROM questionnaire_response WHERE id = :id"
        row = session.execute(text(wanted), {"id": id}).one()
        wraps = session.execute(text("SELECT holder, wrapped FROM data_key WHERE response_id = :id"), {"id": id}).all()
    bound = ("questionnaire_response", "content", id, row.reference, row.status, str(row.revision))
    content = (row.content, bound)
    return [content, *((wrap.wrapped, ("data_key", "wrapped", id, wrap.holder)) for wrap in wraps)]


def test_database_and_keyring_together_cannot_open_one_draft_but_open_it_once_it_is_sent(records: Records):
    patient = clinic.begin(records, {"answer": CANARY})
    clinic.save(records, patient, {"more": CANARY})
    draft = blobs_of(records, patient.id)
    assert len(draft) == 3  # the content, and its key for the code and for the session
    assert opened_by_any(records, draft) == set()
    with transaction(records.engine) as session:
        clinic.seen(session, patient.id)
        with pytest.raises(Exception, match="no sent response"):
            sent.open(session, records.keyring, patient.id)

    clinic.send(records, patient)
    blobs = blobs_of(records, patient.id)
    opened = opened_by_any(records, blobs)
    (data_key,) = opened  # by the keyring's
    assert CANARY.encode() in cipher.unseal(data_key, blobs[0][0], associated_data=blobs[0][1])
    assert clinic.sent_of(records, patient.id).document["answer"] == CANARY


def test_an_older_copy_of_the_database_and_the_keyring_of_today_open_no_draft(records: Records):
    """What a draft was before it was sent stays shut for good: the clinic never held its key."""
    patient = clinic.begin(records, {"answer": CANARY, "hidden": CANARY})
    clinic.save(records, patient, {"entry taken out": CANARY})
    older = blobs_of(records, patient.id)
    clinic.save(records, patient, {"entry taken out": ""})
    with transaction(records.engine) as session:
        draft = clinic.drafts.open(session, patient.token, now=clinic.NOW)
        clinic.sending.complete(
            session,
            records.keyring,
            draft,
            document={"answer": "all that is sent"},
            summary={},
            header={},
            now=clinic.NOW,
        )
    assert opened_by_any(records, older) == set()
    assert clinic.sent_of(records, patient.id).document == {"answer": "all that is sent"}
    row = blobs_of(records, patient.id)
    (data_key,) = opened_by_any(records, row[1:])
    for blob, place in older:
        with pytest.raises(CannotOpen):
            cipher.unseal(data_key, blob, associated_data=place)


def test_the_search_for_a_key_would_find_one_that_was_left_lying(records: Records):
    """The search is proved: with the code, or the token, or the key itself in some table, it opens the draft."""
    patient = clinic.begin(records, {"answer": CANARY})
    blobs = blobs_of(records, patient.id)
    for left in (patient.code, patient.token):
        with transaction(records.engine) as session:
            session.execute(text("UPDATE questionnaire_response SET questionnaire = :left"), {"left": left})
        assert len(opened_by_any(records, blobs)) == 1
        with transaction(records.engine) as session:
            session.execute(text("UPDATE questionnaire_response SET questionnaire = '-'"))
    data_key = data_keys.by_code(next(blob for blob, place in blobs if place[-1] == "code"), patient.id, patient.code)
    with transaction(records.engine) as session:
        session.execute(text("UPDATE resume_code SET code_mac = :left"), {"left": data_key})
    assert len(opened_by_any(records, blobs)) == 1


def traces(records: Records, word: str) -> list[str]:
    """Where a word stands in any file of the database or the instance folder, in any of the spellings it could have."""
    raw = word.encode()
    spellings = {
        "raw": raw,
        "hex": raw.hex().encode(),
        "escaped": word.encode("unicode_escape"),
        "utf-16-le": word.encode("utf-16-le"),
        "utf-16-be": word.encode("utf-16-be"),
        **{f"base64+{shift}": base64.b64encode(b"x" * shift + raw)[4:-4] for shift in range(3)},
    }
    files = records.database.files()
    return [
        f"{name}: {how}" for name, content in files.items() for how, spelled in spellings.items() if spelled in content
    ]


def a_whole_life(records: Records) -> None:
    draft = clinic.begin(records, {"answer": CANARY})
    clinic.save(records, draft, {"text": CANARY * 300})
    clinic.save(records, draft, {"text": "taken back"})
    other = clinic.begin(records, {"answer": CANARY})
    clinic.send(records, other, header={"name": CANARY, "birth_date": "1988-04-02"})
    clinic.review(records, other.id, CANARY)


def test_nothing_typed_stands_readable_in_any_file(records: Records):
    a_whole_life(records)
    assert traces(records, CANARY) == []
    assert traces(records, "1988-04-02") == []


def test_the_same_search_finds_it_with_encryption_switched_off(records: Records, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cipher, "cipher", NullCipher())
    a_whole_life(records)
    assert any(found.endswith(": raw") for found in traces(records, CANARY))
    assert any(found.endswith(": raw") for found in traces(records, "1988-04-02"))


@pytest.mark.parametrize("spelled", ["hex", "utf-16-le", "utf-16-be", "escaped"])
def test_the_search_finds_other_spellings_too(records: Records, spelled: str):
    written = (
        CANARY.encode().hex().encode()
        if spelled == "hex"
        else CANARY.encode("unicode_escape" if spelled == "escaped" else spelled)
    )
    (records.folder / "left.tmp").write_bytes(b"..." + written)
    assert traces(records, CANARY) == [f"left.tmp: {spelled}"]


@pytest.mark.parametrize("shift", range(3))
def test_the_search_finds_base64_wherever_it_begins(records: Records, shift: int):
    (records.folder / "left.tmp").write_bytes(base64.b64encode(b"x" * shift + CANARY.encode() + b"yz"))
    assert traces(records, CANARY) == [f"left.tmp: base64+{shift}"]


def test_code_and_token_stand_in_no_file(records: Records, patient: Patient):
    clinic.save(records, patient, {})
    for secret in (patient.code, patient.token):
        assert traces(records, secret) == []


def test_a_response_has_its_own_key(records: Records):
    keys = set()
    for _ in range(20):
        patient = clinic.begin(records)
        wraps = {place[-1]: blob for blob, place in blobs_of(records, patient.id)[1:]}
        keys.add(data_keys.by_code(wraps["code"], patient.id, patient.code))
    assert len(keys) == 20
