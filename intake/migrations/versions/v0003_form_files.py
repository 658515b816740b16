"""Which file each version of a form is, by its SHA-256."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0003"
down_revision: Final = "0002"


def upgrade() -> None:
    op.create_table(
        "form_file",
        sa.Column("canonical", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("canonical", name=op.f("pk_form_file")),
    )


def downgrade() -> None:
    op.drop_table("form_file")
