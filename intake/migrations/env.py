"""What Alembic runs: our migrations over the connection it is handed (records.database.upgrade), inside that
connection's transaction."""

from alembic import context

import intake.accounts.tables
import intake.records.tables  # noqa: F401 - both fill Base.metadata
from intake.records.database import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
