"""Makes the tokens that a form is handed out with: who shows one has asked for the form, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from connectors.contract import Signer
from routing.ids import AccountId, new_id

PURPOSE = "form"
LONGEST = timedelta(hours=24)


class Standing(StrEnum):
    """What a token is worth."""

    GOOD = "good"
    FALSE = "false"
    FAST = "fast"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was shown to us. `id` names the submit: the same words under it again are the same message."""

    standing: Standing
    id: str = ""


def issue(signer: Signer, account: AccountId, now: datetime) -> str:
    stamp = f"{int(now.timestamp())}.{new_id()}"
    return f"{stamp}.{signer.sign(PURPOSE, f'{account}.{stamp}')}"


def judge(signer: Signer, account: AccountId, written: str, now: datetime, *, fastest: timedelta) -> Token:
    stamp, _, signature = written.strip().rpartition(".")
    issued, _, submit = stamp.partition(".")
    genuine = len(written) < 500 and written.isascii() and signer.verifies(PURPOSE, f"{account}.{stamp}", signature)
    if not genuine:
        return Token(Standing.FALSE)
    age = now - datetime.fromtimestamp(int(issued), UTC)
    if age > LONGEST:
        return Token(Standing.OLD, submit)
    return Token(Standing.FAST if age < fastest else Standing.GOOD, submit)
