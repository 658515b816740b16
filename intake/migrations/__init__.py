"""Alembic's environment and the migrations, inside the package so that an installed program can upgrade its own
database."""
