"""Remember homes and index the queue."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "homes",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("page", sa.BigInteger(), nullable=False),
        sa.Column("drawn", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "workspace", "user", "organisation", name="pk_homes"),
        postgresql_with={"fillfactor": 70},
        sqlite_with_rowid=False,
    )
    _index("ix_audit_rows_ticket", "audit_rows", ["ticket", "organisation", "id"], "ticket IS NOT NULL")
    _index("ix_tickets_at_work", "tickets", ["status", "organisation"], "status NOT IN ('closed', 'spam')")
    _index("ix_tickets_closed", "tickets", ["closed_at", "organisation"], "closed_at IS NOT NULL")
    op.create_index("ix_tickets_created", "tickets", ["created_at", "organisation"])


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
