"""Shelve tickets and tag them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "organisation", name="pk_tags"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tags_uses", "tags", ["uses", "name", "organisation"])

    op.add_column("messages", sa.Column("needs_no_answer", sa.Boolean(), nullable=False, server_default=sa.false()))

    op.add_column("tickets", sa.Column("team", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("tags", sa.Text(), nullable=False, server_default="[]"))
    op.add_column("tickets", sa.Column("fields", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("tickets", sa.Column("snoozed_until", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("needs_no_answer", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tickets", sa.Column("follows", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("followed_by", sa.BigInteger(), nullable=True))
    op.drop_index("ix_tickets_not_closed", "tickets")
    settled = sa.text("status NOT IN ('closed', 'spam')")
    op.create_index(
        "ix_tickets_not_settled",
        "tickets",
        ["updated_at", "organisation"],
        sqlite_where=settled,
        postgresql_where=settled,
    )
