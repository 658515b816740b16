"""One-time links to a password, through whose hands it came, and roles that wait for a second admin."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from intake.records.database import UtcDateTime

revision: Final = "0002"
down_revision: Final = "0001"


def upgrade() -> None:
    op.create_table(
        "staff_link",
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("made_by", sa.String(32), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_staff_link")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_staff_link_user_id"), ondelete="CASCADE"),
    )
    op.create_index(op.f("ix_staff_link_user_id"), "staff_link", ["user_id"])
    op.create_table(
        "staff_hand",
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("hand_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "hand_id", name=op.f("pk_staff_hand")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_staff_hand_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["hand_id"], ["staff_user.id"], name=op.f("fk_staff_hand_hand_id"), ondelete="CASCADE"),
    )
    op.create_table(
        "role_request",
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("requested_by", sa.String(32), nullable=False),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_role_request")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_role_request_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["staff_user.id"], name=op.f("fk_role_request_requested_by"), ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Invited people who have no password yet go with their links: the version before knows no account without one."""
    op.drop_table("role_request")
    op.drop_table("staff_hand")
    op.drop_table("staff_link")
    op.execute("DELETE FROM staff_user WHERE password_hash = ''")
