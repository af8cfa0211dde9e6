"""Errors, named for what the caller does about them.

MadoguchiError
 ├── Refused         tell the person; nothing was changed
 ├── TryLater        do it again, not before `after`
 ├── Unclear         it may or may not have happened: find out, or ask a person
 ├── Rejected        never do it again; show why
 ├── Unreadable      keep it whole in quarantine
 ├── BadSignature    answer 401, keep nothing
 ├── Malformed       answer 400 (or 413), keep nothing
 ├── Gone            the room or card is no more
 ├── NeedsAttention  pause the account, tell its managers once
 └── Misconfigured   stop at the start and say how to mend it
"""

from datetime import timedelta


class MadoguchiError(Exception):
    """Root of everything we raise on purpose."""


class Refused(MadoguchiError):
    """The person may not, or it no longer makes sense. `key` and `values` make the sentence its reader sees."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class TryLater(MadoguchiError):
    """Nothing happened; the other side asks for patience."""

    def __init__(self, reason: str, *, after: timedelta = timedelta(seconds=5)) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Unclear(MadoguchiError):
    """The request left us and no clear answer came back."""


class Rejected(MadoguchiError):
    """The other side understood and said no. The text is shown to the agent."""


class Unreadable(MadoguchiError):
    """Bytes that we cannot make sense of, or will not try to within our limits."""


class BadSignature(MadoguchiError):
    """Not from whom it claims to be from, or too old."""


class Malformed(MadoguchiError):
    """Signed well but not what the door takes. `status` is the HTTP status to answer with."""

    def __init__(self, reason: str, *, status: int = 400) -> None:
        super().__init__(reason)
        self.status = status


class Gone(MadoguchiError):
    """The card, file or row does not exist any more."""


class RoomGone(Gone):
    """The room was deleted or archived, or we were put out of it."""


class LeaseLost(MadoguchiError):
    """We were too slow: another worker holds the job. Nothing of ours may be written any more."""


class NeedsAttention(MadoguchiError):
    """Credentials or set-up of one account are broken; a person must mend them."""


class Misconfigured(MadoguchiError):
    """The configuration cannot work. The text names the place and what to write there."""
