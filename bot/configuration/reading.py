"""Reads the sections of the file one by one, so that a mistake in one does not hide those in the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.configuration.problems import Place, Problems, meant, names
from bot.configuration.secrets import Secrets
from bot.configuration.words import catalogue

S = TypeVar("S", bound=BaseModel)

# What pydantic calls a mistake, and the sentence of ours that explains it. Those with a sentence of their own name
# stand in the catalogues; these several are the same to a reader.
_SAME = {
    "string_type": "kind_text",
    "bool_type": "kind_bool",
    "bool_parsing": "kind_bool",
    "int_type": "kind_int",
    "int_parsing": "kind_int",
    "int_from_float": "kind_int",
    "float_type": "kind_number",
    "float_parsing": "kind_number",
    "list_type": "kind_list",
    "tuple_type": "kind_list",
    "set_type": "kind_list",
    "frozen_set_type": "kind_list",
    "dict_type": "kind_table",
    "model_type": "kind_table",
    "model_attributes_type": "kind_table",
    "mapping_type": "kind_table",
    "path_type": "kind_text",
    "literal_error": "one_of",
    "enum": "one_of",
    "greater_than": "number_range",
    "greater_than_equal": "number_range",
    "less_than": "number_range",
    "less_than_equal": "number_range",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """The document, and where to put what is wrong with it."""

    document: Mapping[str, Any]
    secrets: Secrets
    problems: Problems

    def table(self, name: str, section: type[S]) -> S | None:
        """The section, with its defaults when the file does not have it; None when something in it is wrong."""
        return self.read(section, self.document.get(name, {}), (name,))

    def list_of(self, name: str, section: type[S]) -> list[tuple[Place, S]]:
        """Those of a list's entries that are in order, each with its place."""
        found: list[tuple[Place, S]] = []
        for place, entry in self.entries(self.document.get(name, []), (name,)):
            if (one := self.read(section, entry, place)) is not None:
                found.append((place, one))
        return found

    def entries(self, written: Any, place: Place) -> list[tuple[Place, Mapping[str, Any]]]:
        """The tables of an array of tables, each with its place."""
        if not isinstance(written, Sequence) or isinstance(written, str):
            self.problems.error(place, "kind_tables", name=place[-1])
            return []
        found: list[tuple[Place, Mapping[str, Any]]] = []
        for index, entry in enumerate(written):
            if isinstance(entry, Mapping):
                found.append(((*place, index), entry))
            else:
                self.problems.error((*place, index), "kind_table")
        return found

    def read(self, section: type[S], written: Any, place: Place) -> S | None:
        if not isinstance(written, Mapping):
            self.problems.error(place, "kind_table")
            return None
        return self.checked(section, self.secrets.fill(section, written, place), place)

    def checked(self, section: type[S], filled: Mapping[str, Any], place: Place) -> S | None:
        """The section of settings that have their secrets already."""
        try:
            return section.model_validate(filled)
        except ValidationError as failure:
            told: set[Place] = set()
            for fault in failure.errors(include_url=False, include_input=False):
                inside = _steps(filled, fault)
                if inside not in told:
                    self._explain(section, fault, place, inside)
                told.add(inside)
            return None

    def _explain(self, section: type[BaseModel], fault: ErrorDetails, place: Place, inside: Place) -> None:
        """Adds the fault in our own words. The value itself is never told: it may be a secret."""
        where = (*place, *inside)
        kind = _SAME.get(fault["type"], fault["type"])
        context = dict(fault.get("ctx", {}))
        match kind:
            case "missing":
                self.problems.error(where, "missing", name=inside[-1], means=_meaning(section, inside))
            case "extra_forbidden":
                known = _known(section, inside[:-1])
                self.problems.error(
                    where, "unknown_setting", name=inside[-1], meant=meant(str(inside[-1]), known), known=names(known)
                )
            case "one_of":
                self.problems.error(where, "one_of", expected=str(context.get("expected", "")).replace("'", '"'))
            case "number_range":
                self.problems.error(where, "number_range", **_range(section, inside))
            case "value_error":
                self.problems.error(where, "said", said=str(context.get("error", fault["msg"])))
            case _ if kind in catalogue("en")["wrong"]:
                self.problems.error(where, kind, **context)
            case _:
                self.problems.error(where, "said", said=fault["msg"])


def _steps(written: Any, fault: ErrorDetails) -> Place:
    """Where the fault is in what was written: pydantic has steps of its own between, for the kinds that a value might
    have been and for the keys of tables."""
    found: list[str | int] = []
    for index, step in enumerate(fault["loc"]):
        if isinstance(written, Mapping) and step in written:
            written = written[step]
        elif isinstance(written, Sequence) and not isinstance(written, str) and isinstance(step, int):
            written = written[step] if step < len(written) else None
        elif fault["type"] != "missing" or index < len(fault["loc"]) - 1:
            continue
        found.append(step)
    return tuple(found)


def _field_at(section: type[BaseModel], inside: Place) -> FieldInfo | None:
    model: type[BaseModel] | None = section
    found: FieldInfo | None = None
    for step in inside:
        if isinstance(step, int):
            continue
        if model is None:
            return found
        found = _by_name(model).get(step)
        if found is None:
            return None
        model = _model_of(found.annotation)
    return found


def _by_name(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_of(part)) is not None), None)


def _known(section: type[BaseModel], inside: Place) -> list[str]:
    if not inside:
        return list(_by_name(section))
    field = _field_at(section, inside)
    model = None if field is None else _model_of(field.annotation)
    return [] if model is None else list(_by_name(model))


def _meaning(section: type[BaseModel], inside: Place) -> str:
    """What the set-up form would say beside the field."""
    field = _field_at(section, inside)
    if field is None:
        return ""
    told = " – ".join(text for text in (field.title, field.description) if text)
    return f" ({told})" if told else ""


def _range(section: type[BaseModel], inside: Place) -> dict[str, object]:
    """The least and the most of a number, as its field declares them."""
    bounds: dict[str, object] = {"least": "–∞", "most": "∞"}
    field = _field_at(section, inside)
    for rule in field.metadata if field is not None else ():
        for name, bound in (("ge", "least"), ("gt", "least"), ("le", "most"), ("lt", "most")):
            if (value := getattr(rule, name, None)) is not None:
                bounds[bound] = value
    return bounds
