"""Writes the next revision: what stands between the newest revision and the tables as they are declared.

Run `python -m storage.migrations.draft "What changes"`, then read and mend what it wrote.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.migrate import migrate, on_connection, script_config


def _draft(connection: Connection, message: str) -> None:
    config = script_config(connection)
    count = len(list(ScriptDirectory.from_config(config).walk_revisions()))
    command.revision(config, message=message, autogenerate=True, rev_id=f"{count + 1:04d}")


async def draft(message: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite+aiosqlite:///{Path(directory) / 'draft.db'}"
        await migrate(url)
        await on_connection(url, lambda connection: _draft(connection, message))


if __name__ == "__main__":
    asyncio.run(draft(" ".join(sys.argv[1:])))
