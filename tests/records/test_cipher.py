"""Sealing: bound to its place, padded, and never partly readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.records import cipher
from intake.records.errors import CannotOpen

KEY = cipher.new_key()
PLACE = ("table", "column", "row", "1")


def seal(document: dict[str, object]) -> bytes:
    return cipher.seal_document(KEY, document, key_id=b"data-key", associated_data=PLACE, sizes=(1024, 4096))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_a_document_comes_back_as_it_was(document: dict[str, object]):
    assert cipher.unseal_document(KEY, seal(document), associated_data=PLACE) == document


def test_a_lone_surrogate_comes_back_too_instead_of_an_exception_that_quotes_it():
    assert cipher.unseal_document(KEY, seal({"text": "half \ud83d"}), associated_data=PLACE) == {"text": "half \ud83d"}


def test_a_blob_says_its_version_its_algorithm_and_its_key():
    blob = seal({})
    assert blob[:2] == b"\x01\x01"
    assert cipher.key_id_of(blob) == b"data-key"


def test_the_size_tells_a_few_sizes_only():
    overhead = 2 + 8 + 12 + 16
    sizes = {n: len(seal({"a": "x" * n})) - overhead for n in range(0, 9000, 7)}
    assert set(sizes.values()) == {1024, 4096, 8192, 12288}
    assert all(n < size for n, size in sizes.items())


def test_the_same_document_never_looks_the_same_twice():
    assert len({seal({"a": 1}) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "place", [("table", "column", "row", "2"), ("table", "column", "ro", "w1"), ("table", "columnrow", "1"), ()]
)
def test_a_blob_opens_in_its_own_place_only(place: tuple[str, ...]):
    with pytest.raises(CannotOpen):
        cipher.unseal_document(KEY, seal({}), associated_data=place)


def test_every_single_changed_byte_is_noticed():
    blob = seal({"a": "b"})
    for at in range(len(blob)):
        changed = bytearray(blob)
        changed[at] ^= 1
        with pytest.raises(CannotOpen):
            cipher.unseal_document(KEY, bytes(changed), associated_data=PLACE)


def test_a_blob_cut_short_anywhere_is_noticed():
    blob = seal({})
    for length in [*range(45), len(blob) - 1]:
        with pytest.raises(CannotOpen):
            cipher.unseal_document(KEY, blob[:length], associated_data=PLACE)


def test_another_key_does_not_open_it():
    with pytest.raises(CannotOpen):
        cipher.unseal_document(cipher.new_key(), seal({}), associated_data=PLACE)


def test_two_uses_of_one_secret_give_two_keys():
    assert cipher.derive("secret", b"one") != cipher.derive("secret", b"other")


def test_fields_are_joined_so_that_no_two_lists_are_the_same():
    assert cipher.length_prefixed(b"ab", b"c") != cipher.length_prefixed(b"a", b"bc")
    assert cipher.length_prefixed(b"a") != cipher.length_prefixed(b"a", b"")
