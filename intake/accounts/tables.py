"""The staff tables: an account, and the roles it holds."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from intake.records.codes import new_id
from intake.records.database import Base, UtcDateTime


class StaffUser(Base):
    """One member of staff. Never deleted, only made inactive: audit events name them."""

    __tablename__ = "staff_user"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # casefolded by whoever writes it
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    password_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffRole(Base):
    """A role an account holds: clinician or admin."""

    __tablename__ = "staff_role"

    user_id: Mapped[str] = mapped_column(String(32), ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
