"""What a response's own key seals, part by part, and what of its row each part is bound to.

A part whose row says something else than when it was sealed does not open: so a reference that was swapped, an older
revision put back, or a review status that nobody gave is refused, not believed (security.md T2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from intake.records.cipher import AssociatedData, JsonObject, key_id_of, seal_document, unseal_document, written
from intake.records.errors import CannotOpen
from intake.records.tables import IN_PROGRESS

KEY_ID: Final = b"data-k02"
FIRST_KEY_ID: Final = b"data-key"
"""What parts were sealed with that were bound to less, before 0.5. Only a draft may still hold one, until its next save
(the server cannot open it); those of sent responses were sealed anew at the upgrade (`sealing_anew`)."""

KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed column: the names of what it is bound to, and the sizes in bytes that it is padded to."""

    table: str
    column: str
    bound_to: tuple[str, ...]
    sizes: tuple[int, ...] = (KIB,)
    first_bound_to: tuple[str, ...] = ("id",)
    """What it was bound to before 0.5."""

    def seal(self, data_key: bytes, document: JsonObject, row: Any) -> bytes:
        """A document sealed for this row, which holds or is a mapping of what it is bound to."""
        bound = self._associated_data(self.bound_to, row)
        return seal_document(data_key, document, key_id=KEY_ID, associated_data=bound, sizes=self.sizes)

    def unseal(self, data_key: bytes, blob: bytes | None, row: Any) -> JsonObject:
        """The document back. Raises CannotOpen if there is none, or the row is not as it was."""
        if blob is None:
            raise CannotOpen
        if self is CONTENT and key_id_of(blob) == FIRST_KEY_ID and _value(row, "status") == IN_PROGRESS:
            return self.unseal_first(data_key, blob, row)
        return self._unseal(data_key, blob, KEY_ID, self.bound_to, row)

    def unseal_first(self, data_key: bytes, blob: bytes | None, row: Any) -> JsonObject:
        """The same of a part that was sealed before 0.5. Raises CannotOpen."""
        if blob is None:
            raise CannotOpen
        return self._unseal(data_key, blob, FIRST_KEY_ID, self.first_bound_to, row)

    def _unseal(self, data_key: bytes, blob: bytes, key_id: bytes, names: tuple[str, ...], row: Any) -> JsonObject:
        if key_id_of(blob) != key_id:
            raise CannotOpen
        return unseal_document(data_key, blob, associated_data=self._associated_data(names, row))

    def _associated_data(self, names: tuple[str, ...], row: Any) -> AssociatedData:
        return (self.table, self.column, *(written(_value(row, name)) for name in names))


DOCUMENT_SIZES: Final = (4 * KIB, 8 * KIB, 16 * KIB, 32 * KIB)

CONTENT: Final = Part(
    "questionnaire_response",
    "content",
    ("id", "reference", "status", "revision"),
    DOCUMENT_SIZES,
    first_bound_to=("id", "revision"),
)
"""The answers."""
HEADER: Final = Part(
    "questionnaire_response",
    "header",
    (
        *("id", "reference", "questionnaire", "status", "review_status", "language", "revision"),
        *("started_at", "authored_at"),
    ),
)
"""Name and birth date for the queue, bound to all that the queue shows beside them."""
CODE: Final = "code"
"""The header's key for the MAC of the resume code that belongs to it, since 0.8: another's code, pointed here in the
database, opens nothing. What was sent before lacks it."""
SUMMARY: Final = Part("response_summary", "content", ("id", "reference", "revision"), DOCUMENT_SIZES)
"""What the clinician reads."""
NOTE: Final = Part("review", "note", ("id", "reviewer_id", "reviewer_name", "reviewed_at"))
"""A reviewer's note, bound to who reviewed and when; `id` is the response's."""


def _value(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, Mapping) else getattr(row, name)
