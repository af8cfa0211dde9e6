"""Holds what the LINE stand-in says to LINE's own OpenAPI documents, where they are at hand."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"


@cache
def _document(name: str) -> dict[str, Any]:
    file = SPECS / name
    if not file.is_file():
        pytest.skip(f"LINE's specification {name} is not at hand")
    document: dict[str, Any] = yaml.load(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return document


def hold_answer(answer: Any, path: str, method: str, status: int) -> None:
    """Fails unless LINE's document has this answer for that operation and status."""
    document = _document("line-messaging-api.yml")
    operation = document["paths"][path][method]
    content = operation["responses"][str(status)].get("content")
    if content is not None:
        _validate(answer, content["application/json"]["schema"], document)


def hold_webhook(body: Any, *, event: str, message: str | None = None) -> None:
    """Fails unless the body is a webhook whose one event, and its message, are of these kinds of LINE's document."""
    document = _document("line-webhook.yml")
    _validate(body, {"$ref": "#/components/schemas/CallbackRequest"}, document)
    (told,) = body["events"]
    _validate(told, {"$ref": f"#/components/schemas/{event}"}, document)
    if message is not None:
        _validate(told["message"], {"$ref": f"#/components/schemas/{message}"}, document)


def _validate(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> None:
    whole = {"allOf": [schema], "components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)
