"""Names the JSON shapes that travel between Slack and an app, and the way Slack says no."""

import json
from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]


class SlackRefusal(Exception):
    """Slack's answer is `ok: false` with this code; extra fields stand beside it in the answer."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def answer(self) -> JsonObject:
        return {"ok": False, "error": self.code, **self.extra}


def refuse_arguments(*messages: str) -> SlackRefusal:
    """The refusal Slack gives when an argument is missing or malformed."""
    return SlackRefusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})


def copied(value: Any) -> Any:
    """A deep copy of a JSON value; state never shares an object with what was handed out."""
    return json.loads(json.dumps(value))


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Arguments:
    """The arguments of one Web API call, whichever way (query, form, JSON) they came."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = dict(raw)

    def text(self, name: str) -> str:
        """A required argument; Slack names the missing field in `invalid_arguments`."""
        value = self.optional_text(name)
        if value is None:
            raise refuse_arguments(f"missing required field: {name}")
        return value

    def optional_text(self, name: str) -> str | None:
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) else compact(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.raw.get(name)
        if value is None or value == "":
            return default
        return value in (True, 1, "1", "true", "True")

    def number(self, name: str, *, default: int, most: int) -> int:
        value = self.raw.get(name)
        if value is None or value == "":
            return default
        try:
            count = int(value)
        except (TypeError, ValueError):
            raise SlackRefusal("invalid_limit") from None
        if count < 0:
            raise SlackRefusal("invalid_limit")
        return min(count, most) or default

    def structure(self, name: str, *, malformed: str = "invalid_json") -> Any:
        """A JSON value, sent as itself in a JSON body or as a string elsewhere; None when absent."""
        value = self.raw.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return copied(value)
        try:
            return json.loads(value)
        except ValueError:
            raise SlackRefusal(malformed) from None

    def words(self, name: str) -> list[str]:
        """A comma-separated argument, or a JSON list of words."""
        value = self.raw.get(name)
        if value is None or value == "":
            return []
        if isinstance(value, list):
            return [str(word) for word in value]
        return [word.strip() for word in str(value).split(",") if word.strip()]
