"""Mail accounts as the tests set them up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from connectors.contract import Tools
from connectors.http import client_session
from connectors.mail.config import MailConfig
from connectors.mail.connector import MailConnection
from routing.ids import AccountId
from routing.replies import Letter
from tests.connectors.kit import Clock, Shelf, letter, tools

ACCOUNT = AccountId("acme-mail")
ADDRESS = "support@acme.example"


@asynccontextmanager
async def mail_account(
    *, clock: Clock | None = None, blobs: Shelf | None = None, **changes: Any
) -> AsyncIterator[MailConnection]:
    """The connection of an account with these settings."""
    config = MailConfig.model_validate({"address": ADDRESS, "display_name": "Acme Support", **changes})
    async with client_session(allow_loopback=True) as http:
        given: Tools = tools(http, clock=clock, blobs=blobs)
        yield MailConnection(ACCOUNT, config, given)


def smtp_at(port: int, **changes: Any) -> dict[str, Any]:
    """Settings of an SMTP server of ours without encryption."""
    return {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 5, **changes}


def mail_letter(**changes: Any) -> Letter:
    """An answer to Taro's mail."""
    told = {
        "account": ACCOUNT,
        "channel": "email",
        "address": "taro@example.com",
        "address_name": "山田 太郎",
        "subject": "コーヒーメーカーについて",
        "refs": ("first@example.com", "second@example.com"),
    }
    return letter(**(told | changes))
