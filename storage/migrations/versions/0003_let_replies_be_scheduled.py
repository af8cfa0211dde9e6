"""Let replies be scheduled."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("outbounds", sa.Column("scheduled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("outbounds", sa.Column("announced", sa.Text(), nullable=True))
