"""Index tickets for searching. Those that are there wait to be indexed; until then searches look through them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "search_words",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("word", sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("tickets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("word", "organisation", "block", name="pk_search_words"),
        postgresql_with={"fillfactor": 70},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_tickets",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", "organisation", name="pk_search_tickets"),
    )
    op.create_table(
        "search_waiting",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("what", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ticket", "organisation", name="pk_search_waiting"),
        postgresql_with={"fillfactor": 70},
        sqlite_with_rowid=False,
    )
    # A task of 2 is the whole ticket; the job is due at once, and indexes some tickets at a time.
    op.execute(
        "INSERT INTO search_waiting (organisation, ticket, what, asked) SELECT organisation, id, 2, 1 FROM tickets"
    )
    op.execute(
        "INSERT INTO jobs (organisation, topic, key, due, asked, attempts, fence, fault)"
        " SELECT DISTINCT organisation, 'index', 'search', 0, 1, 0, 0, '' FROM tickets"
    )
