"""Fixtures for the customers' tests: a clock in seconds, the program's place, and the customers themselves."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.customers.customers import Customers, CustomersConfig
from tests.sandbox.page.program import Program

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "channel-access-token"


@dataclass
class Seconds:
    """Stands still until it is moved."""

    now: float = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    program = Program()
    await program.open()
    yield program
    await program.close()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "customers.jsonl"


def recorded(journal: Path) -> list[dict[str, Any]]:
    """What stands in the record, line by line."""
    return [json.loads(line) for line in journal.read_text("utf-8").splitlines()]


@pytest.fixture
async def customers(program: Program, journal: Path, seconds: Seconds) -> AsyncIterator[Customers]:
    config = CustomersConfig(
        line_secret=SECRET,
        line_token=TOKEN,
        journal=journal,
        line_monthly_limit=3,
        breath=0.0,
        retry_delays=(0.0, 0.0),
        redelivery_delays=(0.0, 0.0),
    )
    customers = Customers(config, clock=seconds)
    await customers.open()
    customers.knows_program(smtp_door=program.smtp_door, line_webhook=program.webhook_url)
    yield customers
    await customers.close()
