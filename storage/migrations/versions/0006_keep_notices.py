"""Keep whom to tell what, and how each wants to be told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "notice_settings",
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("assigned", sa.Text(), nullable=False),
        sa.Column("mentioned", sa.Text(), nullable=False),
        sa.Column("customer_wrote", sa.Text(), nullable=False),
        sa.Column("reply_troubled", sa.Text(), nullable=False),
        sa.Column("quiet_begin", sa.Text(), nullable=False),
        sa.Column("quiet_end", sa.Text(), nullable=False),
        sa.Column("quiet_days", sa.Text(), nullable=False),
        sa.Column("free_days", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("urgent_anyway", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("agent", "organisation", name="pk_notice_settings"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("parcel", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", "organisation", name="pk_notices"),
        postgresql_with={"fillfactor": 70},
    )
    not_told, was_told = sa.text("state IN ('waiting', 'leaving')"), sa.text("state = 'told'")
    op.create_index(
        "ix_notices_not_told",
        "notices",
        ["agent", "organisation"],
        sqlite_where=not_told,
        postgresql_where=not_told,
    )
    op.create_index(
        "ix_notices_told",
        "notices",
        ["agent", "organisation", "changed_at"],
        sqlite_where=was_told,
        postgresql_where=was_told,
    )
