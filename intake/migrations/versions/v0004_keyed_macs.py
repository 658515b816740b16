"""Keyed MACs of the rows that open doors, and of the trail. They are written by `records.sealing_anew`, which has the
keys."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"

TABLES: Final = ("web_session", "audit_event", "staff_user", "staff_link", "role_request")


def upgrade() -> None:
    op.add_column("staff_user", sa.Column("event", sa.Integer(), nullable=True))
    for table in TABLES:
        op.add_column(table, sa.Column("mac", sa.LargeBinary(32), nullable=True))
    op.drop_index("ix_audit_event_entity", "audit_event")
    op.create_index("ix_audit_event_entity", "audit_event", ["entity_type", "entity_id", "action"])
    op.create_index("ix_audit_event_agent", "audit_event", ["agent_id", "action", "n"])


def downgrade() -> None:
    """What was sealed since then stays sealed anew: the version before does not open it."""
    op.drop_index("ix_audit_event_agent", "audit_event")
    op.drop_index("ix_audit_event_entity", "audit_event")
    op.create_index("ix_audit_event_entity", "audit_event", ["entity_type", "entity_id"])
    op.drop_column("staff_user", "event")
    for table in TABLES:
        op.drop_column(table, "mac")
