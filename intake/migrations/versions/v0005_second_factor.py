"""The second factor of an account: its sealed secret, the last step it was used in, and its recovery codes."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"

COLUMNS: Final = ("totp", "totp_step", "recovery")


def upgrade() -> None:
    for name in COLUMNS:
        kind = sa.Integer() if name == "totp_step" else sa.LargeBinary()
        op.add_column("staff_user", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """Accounts that have a second factor are of no use to the version before, whose MAC does not cover one."""
    for name in COLUMNS:
        op.drop_column("staff_user", name)
