"""Earlier versions of what a patient corrected, and which response a draft corrects."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"


def upgrade() -> None:
    op.add_column("questionnaire_response", sa.Column("corrects", sa.String(32), nullable=True))
    op.create_index("ix_questionnaire_response_corrects", "questionnaire_response", ["corrects"])
    op.create_table(
        "response_version",
        sa.Column("response_id", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("review_status", sa.String(20), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("reviewer_id", sa.String(32), nullable=True),
        sa.Column("reviewer_name", sa.String(200), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["questionnaire_response.id"],
            name=op.f("fk_response_version_response_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("response_id", "revision", name=op.f("pk_response_version")),
    )


def downgrade() -> None:
    """The version before knows what stands there last alone; what was corrected or withdrawn it cannot tell apart."""
    op.drop_table("response_version")
    op.drop_index("ix_questionnaire_response_corrects", "questionnaire_response")
    op.drop_column("questionnaire_response", "corrects")
