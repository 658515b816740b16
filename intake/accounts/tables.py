"""The staff tables: accounts, roles, links to a password, who may have held that, what waits for a second admin."""

from datetime import datetime
from typing import Final

from sqlalchemy import Boolean, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.records.database import Base, UtcDateTime
from intake.records.tables import table_of


class StaffUser(Base):
    """One member of staff. Never deleted, only made inactive: audit events name them."""

    __tablename__ = "staff_user"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # in small letters by whoever writes it
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(255))  # empty until whoever was invited has chosen a password
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    password_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[int | None] = mapped_column(Integer)  # the number of the event that changed it last (`seals`)
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)  # the sealed secret of the second factor
    totp_step: Mapped[int | None] = mapped_column(Integer)  # the 30 seconds in which it was used last
    recovery: Mapped[bytes | None] = mapped_column(LargeBinary)  # the keyed hashes of recovery codes, 32 bytes each


def _account() -> ForeignKey:
    return ForeignKey("staff_user.id", ondelete="CASCADE")


class StaffRole(Base):
    """A role an account holds: clinician or admin."""

    __tablename__ = "staff_role"

    user_id: Mapped[str] = mapped_column(String(32), _account(), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class StaffLink(Base):
    """A one-time link with which a person chooses a password, known by its token's hash; one an account at most."""

    __tablename__ = "staff_link"

    token_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(32), _account(), index=True)
    made_by: Mapped[str] = mapped_column(String(32))
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class PasswordHolder(Base):
    """Another account whose person may have held the password of this one (`custody`)."""

    __tablename__ = "staff_hand"

    user_id: Mapped[str] = mapped_column(String(32), _account(), primary_key=True)
    holder_id: Mapped[str] = mapped_column("hand_id", String(32), _account(), primary_key=True)


class RoleRequest(Base):
    """An admin asked that an account hold both roles; it waits for another admin."""

    __tablename__ = "role_request"

    user_id: Mapped[str] = mapped_column(String(32), _account(), primary_key=True)
    requested_by: Mapped[str] = mapped_column(String(32), _account())
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mac: Mapped[bytes | None] = mapped_column(LargeBinary(32))


USERS: Final = table_of(StaffUser)
ROLES: Final = table_of(StaffRole)
LINKS: Final = table_of(StaffLink)
HOLDERS: Final = table_of(PasswordHolder)
REQUESTS: Final = table_of(RoleRequest)
