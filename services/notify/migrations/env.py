"""Alembic's entry point; the chassis does the work."""

from services.chassis.migrate import run_migrations

run_migrations()
