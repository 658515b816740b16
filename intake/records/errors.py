"""The named things that can go wrong in the records; none ever carries an answer, a code, a token or a key."""

from typing import ClassVar


class RecordsError(Exception):
    """Base of every failure named here. Its text, `sentence` with what is given in it, says plainly what to do."""

    sentence: ClassVar[str] = "{}"

    def __init__(self, *given: object) -> None:
        super().__init__(self.sentence.format(*given))


class CannotStart(RecordsError):
    """The records are not safe to use as they are set up. Programs end with status 78 (docs/interfaces.md)."""


class FolderUnusable(CannotStart):
    """The folder of the database and the keys cannot be made, or nothing can be written into it."""

    sentence = "Nothing can be written into {}; make room there and give it to this user, or name another folder."


class NoInstallation(CannotStart):
    """There is no installation where one was looked for."""

    sentence = (
        "There is nothing at {} yet; check INTAKE_INSTANCE and DATABASE_URL, or begin with “intake serve” or “intake "
        "staff add”."
    )


class ProductionDatabase(CannotStart):
    """A try-out was pointed at the database of patients."""

    sentence = (
        "This database serves patients, and a try-out shows what it holds to whoever is at this machine; name another "
        "one, or set INTAKE_ENV=production."
    )


class DatabaseUnreachable(CannotStart):
    """The database does not answer now, or cannot be read or written. Programs end with status 69."""


class DatabaseUnusable(CannotStart):
    """The address, the driver or the file will not do, or the server lets this program not in: nothing that waiting
    would mend."""


class DatabaseUnsafe(CannotStart):
    """The database does not keep a promise that acknowledged answers rest on (security.md 3.11)."""


class DatabaseIsNewer(CannotStart):
    """The database was made by a newer version of this program."""


class DatabaseIsOlder(CannotStart):
    """The database was made by an older version of this program, and is not to be changed now."""


class KeyringMissing(CannotStart):
    """There is no keyring, yet the database holds what only that keyring opens."""


class KeyringTooOpen(CannotStart):
    """Others on this machine may read the keyring."""


class KeyringWrong(CannotStart):
    """The keyring cannot be read, or is not the one this database was written with."""


class KeyringReadOnly(RecordsError):
    """The keyring cannot be written where it stands."""

    sentence = (
        "The keyring {} cannot be written here; give its folder to this user, or rotate where it is kept and bring the "
        "new file here."
    )


class DatabaseBusy(RecordsError):
    """Another program held the database for longer than a request may wait. Nothing was written; try the step again."""

    sentence = "The database is in use by another program; try again in a moment."


class DatabaseFull(RecordsError):
    """There is no room left to write. Nothing was written."""

    sentence = "There is no room left on the disk; make room, then do the same step again."


class SpoolUnusable(RecordsError):
    """Nothing more can be put into the temporary file of an export, or read back from it."""

    sentence = "The export ends here: there is no room to write in {}. Make room there, then make the export again."


class CannotCopy(RecordsError):
    """The database cannot be copied to the other one. Nothing was copied."""


class CannotRestore(RecordsError):
    """A backup cannot be brought back here. Nothing was changed."""


class BackupDamaged(RecordsError):
    """A backup is cut, or was changed."""

    sentence = "{} is no whole backup: it was cut or changed. Nothing was brought back; take another copy of it."


class BackupOfAnother(CannotStart):
    """A backup was made under another keyring, or its manifest was changed."""

    sentence = "The backup does not belong to this keyring; put the one here that it was made with."


class ErasuresMissing(CannotStart):
    """There is no file of erasures: a backup could bring back what was erased."""

    sentence = (
        "The file of erasures {} is missing; put its backup there, or say --no-erasures if nothing was ever erased."
    )


class NoSuchDraft(RecordsError):
    """There is no draft of this id that this session or code opens. Missing and not yours are told apart nowhere."""

    sentence = "There is no unfinished form here; start again or come back with the code."


class NoSuchResponse(RecordsError):
    """There is no sent response of this id."""

    sentence = "There is no sent response of this number."


class NoSuchReference(RecordsError):
    """No response has this reference, and none had it."""

    sentence = "No response here has the reference {}; check it, it is eight letters and digits such as 7KQ4-M2XD."


class ErasedBefore(RecordsError):
    """The response of this reference was erased."""

    sentence = "The response {} was erased on {}; nothing of it is left here."


class UnderLegalHold(RecordsError):
    """The response is under a legal hold: it is not erased until that is released."""

    sentence = "This response is under a legal hold; release that first, then erase it."


class NotSentYet(RecordsError):
    """A draft opens for its patient alone."""

    sentence = "This form was not sent yet: nobody but its patient can open it, so it cannot be exported."


class AlreadySent(RecordsError):
    """The response was sent before; `reference` is what its patient was given. It may have been withdrawn since."""

    sentence = "This form was sent already."

    def __init__(self, reference: str, *, is_withdrawn: bool = False) -> None:
        super().__init__()
        self.reference = reference
        self.is_withdrawn = is_withdrawn


class Withdrawn(RecordsError):
    """The patient took the response back: it is read where it is named, and nothing more is done with it."""

    sentence = "The patient withdrew this response; nothing more can be done with it."


class CorrectedMeanwhile(RecordsError):
    """The patient corrected the response since it was read; `revision` is what stands there now."""

    sentence = "The patient corrected this response in the meantime; read it again."

    def __init__(self, revision: int) -> None:
        super().__init__()
        self.revision = revision


class DraftChanged(RecordsError):
    """The draft was saved in another place since it was read. Nothing was written: read it again and show both."""

    sentence = "This form was changed in another window; look at both and keep what is right."


class CannotOpen(RecordsError):
    """What is stored does not open under its key and in its place: altered, moved, or not for this key."""

    sentence = (
        "What is stored here cannot be opened; ask whoever looks after this system to check the database and its keys."
    )


class RowAltered(NoSuchDraft):
    """A session or an account stands in the database that this program did not write. It opens nothing, and whoever
    comes with it is told what somebody without a session is told."""


class AlreadyReviewed(RecordsError):
    """Someone marked this response as reviewed before; `reviewer_name` says who."""

    sentence = "This response was marked as reviewed already; undo that first."

    def __init__(self, reviewer_name: str) -> None:
        super().__init__()
        self.reviewer_name = reviewer_name


class NotAudited(RecordsError):
    """A programming error: something was about to be shown without an event in this transaction (security.md 3.2)."""

    sentence = "Record the audit event in the same transaction first, then read."
