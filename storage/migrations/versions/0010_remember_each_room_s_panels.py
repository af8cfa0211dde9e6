"""Remember each room's panels."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "panels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("posting", sa.Boolean(), nullable=False),
        sa.Column("pinned_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", "organisation", name="pk_panels"),
        postgresql_with={"fillfactor": 70},
        sqlite_with_rowid=False,
    )
    hidden = sa.text("state <> 'shown'")
    op.create_index(
        "ix_postings_hidden",
        "postings",
        ["room", "state", "organisation", "id"],
        sqlite_where=hidden,
        postgresql_where=hidden,
    )
