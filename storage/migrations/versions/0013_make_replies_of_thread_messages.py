"""Make replies of thread messages."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("outbounds", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    op.add_column("outbounds", sa.Column("shown_in", sa.Text(), nullable=False, server_default=""))
    op.add_column("outbounds", sa.Column("outdated", sa.Boolean(), nullable=False, server_default=sa.false()))
