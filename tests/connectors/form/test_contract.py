"""The contact form keeps the contract of all connectors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from typing_extensions import override

from connectors.web.form import DECLARATION
from routing.ids import AccountId
from tests.connectors import contract

ACCOUNT = AccountId("acme-form")


class TestReading(contract.Reading):
    declaration = DECLARATION
    account = ACCOUNT
    payloads = Path(__file__).parent / "payloads"

    @override
    def config(self, base: str) -> Mapping[str, Any]:
        return {"answer_from": "support", "company": "Acme"}
