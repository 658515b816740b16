"""The first tables: responses and their keys, summaries, reviews, audit events, sessions, throttle, staff."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from intake.records.database import UtcDateTime

revision: Final = "0001"
down_revision: Final = None

TABLES: Final = (  # in the order they can be dropped
    "key_check", "throttle", "web_session", "audit_event", "staff_role", "staff_user",
    "review", "response_summary", "resume_code", "data_key", "questionnaire_response",
)  # fmt: skip

SQLITE_TRIGGERS: Final = tuple(
    f"CREATE TRIGGER audit_event_{name} BEFORE {when} BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END"
    for name, when in (
        ("no_update", "UPDATE ON audit_event"),
        ("no_delete", "DELETE ON audit_event"),
        # INSERT OR REPLACE takes the old row away without asking the trigger for DELETE
        ("no_replace", "INSERT ON audit_event WHEN EXISTS (SELECT 1 FROM audit_event WHERE n = NEW.n)"),
    )
)
POSTGRESQL_TRIGGERS: Final = (
    "CREATE FUNCTION audit_event_unchanged() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'audit events are never changed'; END $$",
    "CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION "
    "audit_event_unchanged()",
    "CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION "
    "audit_event_unchanged()",
)
TRIGGERS: Final = {"sqlite": SQLITE_TRIGGERS, "postgresql": POSTGRESQL_TRIGGERS}


def upgrade() -> None:
    _responses()
    _audit()
    _sessions()
    _staff()
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_event_unchanged()")


def _response_id(table: str) -> tuple[sa.Column[str], sa.ForeignKeyConstraint]:
    return (
        sa.Column("response_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["questionnaire_response.id"], name=op.f(f"fk_{table}_response_id"), ondelete="CASCADE"
        ),
    )


def _responses() -> None:
    op.create_table(
        "questionnaire_response",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("questionnaire", sa.String(255), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("review_status", sa.String(20), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=False),
        sa.Column("authored_at", UtcDateTime(), nullable=True),
        sa.Column("due_for_erasure_on", sa.Date(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_response")),
        sa.UniqueConstraint("reference", name=op.f("uq_questionnaire_response_reference")),
    )
    op.create_index("ix_questionnaire_response_queue", "questionnaire_response", ["authored_at", "id"])
    op.create_index(
        "ix_questionnaire_response_review", "questionnaire_response", ["review_status", "authored_at", "id"]
    )
    op.create_index("ix_questionnaire_response_due", "questionnaire_response", ["due_for_erasure_on"])
    column, owner = _response_id("data_key")
    op.create_table(
        "data_key",
        column,
        sa.Column("holder", sa.String(72), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("response_id", "holder", name=op.f("pk_data_key")),
        owner,
    )
    column, owner = _response_id("resume_code")
    op.create_table(
        "resume_code",
        column,
        sa.Column("code_mac", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_resume_code")),
        owner,
        sa.UniqueConstraint("code_mac", name=op.f("uq_resume_code_code_mac")),
    )
    column, owner = _response_id("response_summary")
    op.create_table(
        "response_summary",
        column,
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_version", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_response_summary")),
        owner,
    )
    column, owner = _response_id("review")
    op.create_table(
        "review",
        column,
        sa.Column("reviewer_id", sa.String(32), nullable=False),
        sa.Column("reviewer_name", sa.String(200), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("reviewed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_review")),
        owner,
    )


def _audit() -> None:
    op.create_table(
        "audit_event",
        sa.Column("n", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("agent_name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("entity_type", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_event_entity", "audit_event", ["entity_type", "entity_id"])


def _sessions() -> None:
    op.create_table(
        "web_session",
        sa.Column("token_sha256", sa.LargeBinary(32), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("fresh_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_web_session")),
    )
    op.create_index("ix_web_session_owner", "web_session", ["kind", "owner"])
    op.create_table(
        "throttle",
        sa.Column("key_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_ends_at"), "throttle", ["ends_at"])
    op.create_table(
        "key_check",
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("check_value", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_check")),
    )


def _staff() -> None:
    op.create_table(
        "staff_user",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("password_changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_user")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_user_email")),
    )
    op.create_table(
        "staff_role",
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_staff_role")),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_staff_role_user_id"), ondelete="CASCADE"),
    )
