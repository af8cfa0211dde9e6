"""Know who reads which room."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "room_members",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("room", "surface", "workspace", "user", "organisation", name="pk_room_members"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_room_members_user", "room_members", ["user", "workspace", "surface", "organisation"])

    op.create_table(
        "rosters",
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("refreshed_at", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("room", "organisation", name="pk_rosters"),
        sqlite_with_rowid=False,
    )
