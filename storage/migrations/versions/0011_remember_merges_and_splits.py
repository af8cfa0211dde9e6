"""Remember merges and splits."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "merges",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("conversations", sa.Text(), nullable=False),
        sa.Column("source_status", sa.Text(), nullable=False),
        sa.Column("source_closed_at", sa.BigInteger(), nullable=True),
        sa.Column("target_status", sa.Text(), nullable=False),
        sa.Column("target_closed_at", sa.BigInteger(), nullable=True),
        sa.Column("target_became", sa.Text(), nullable=False),
        sa.Column("lent", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", "organisation", name="pk_merges"),
    )
    stands = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_merges_source",
        "merges",
        ["source", "organisation"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )
    op.create_index(
        "ix_merges_target", "merges", ["target", "organisation"], sqlite_where=stands, postgresql_where=stands
    )
    op.create_index("ix_conversations_ticket", "conversations", ["ticket", "organisation"])
    op.add_column("tickets", sa.Column("merged_into", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("split_from", sa.Text(), nullable=True))
