"""Holds the requests that a connector really made to the vendor's own OpenAPI document."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.standins.unwilling import Heard

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"


class Vendor:
    """One vendor's document. A parent with a discriminator lets anything pass, so it is closed to its children."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._components = _closed(document["components"])

    def check(self, heard: Heard) -> None:
        """Fails unless the document has the operation and the request keeps to it."""
        operation, parameters = self._operation(heard)
        for parameter in parameters:
            value = {"header": heard.headers, "query": heard.query, "path": {}}[parameter["in"]].get(
                parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
            )
            assert value is not None or not parameter.get("required") or parameter["in"] == "path", parameter["name"]
            if value is not None:
                self._validate(value, parameter["schema"])
        body = operation.get("requestBody")
        if body is None:
            assert heard.body == b"", f"{heard.path} takes no body"
            return
        media_type = heard.headers["content-type"].split(";")[0]
        self._validate(json.loads(heard.body), body["content"][media_type]["schema"])

    def _operation(self, heard: Heard) -> tuple[Mapping[str, Any], list[Any]]:
        for template, operations in self._document["paths"].items():
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), heard.path) and heard.method.lower() in operations:
                operation = operations[heard.method.lower()]
                return operation, [*operations.get("parameters", []), *operation.get("parameters", [])]
        raise AssertionError(f"the vendor has no {heard.method} {heard.path}")

    def _validate(self, value: Any, schema: Mapping[str, Any]) -> None:
        whole = {"allOf": [schema], "components": self._components}
        jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


def _closed(components: dict[str, Any]) -> dict[str, Any]:
    """Each parent with a mapping becomes `oneOf` its children with the tag fixed; children keep the parent's own
    properties through a copy that has no discriminator."""
    schemas: dict[str, Any] = dict(components["schemas"])
    for name, schema in list(schemas.items()):
        tag = schema.get("discriminator", {})
        if "mapping" not in tag:
            continue
        plain = {key: value for key, value in schema.items() if key != "discriminator"}
        schemas[f"{name}.plain"] = plain
        branches = []
        for value, reference in tag["mapping"].items():
            child = reference.rsplit("/", 1)[-1]
            schemas[child] = _with_parent(schemas[child], f"#/components/schemas/{name}", f"{name}.plain")
            fixed = {"properties": {tag["propertyName"]: {"const": value}}}
            branches.append({"allOf": [{"$ref": reference}, fixed]})
        schemas[name] = {"oneOf": branches}
    return {**components, "schemas": schemas}


def _with_parent(schema: Any, parent: str, plain: str) -> Any:
    if isinstance(schema, dict):
        if schema.get("$ref") == parent:
            return {"$ref": f"#/components/schemas/{plain}"}
        if "allOf" in schema:
            return {**schema, "allOf": [_with_parent(one, parent, plain) for one in schema["allOf"]]}
    return schema


@cache
def vendor(name: str) -> Vendor:
    """The document of that file name; the test is skipped where the specifications are not at hand."""
    file = SPECS / name
    if not file.is_file():
        pytest.skip(f"the vendor's specification {name} is not at hand")
    return Vendor(yaml.load(file.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
