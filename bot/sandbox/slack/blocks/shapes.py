"""Small checks of JSON shapes that combine into Slack's rules and speak in Slack's words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]


def problem(message: str, pointer: str) -> str:
    return f"{message} [json-pointer:{pointer}]"


def string(*, least: int = 0, most: int | None = None) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must provide a string", pointer)
        elif len(value) < least:
            yield problem(f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            yield problem(f"must be less than {most + 1} characters", pointer)

    return check


def number(*, least: float | None = None, most: float | None = None) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield problem("must provide a number", pointer)
        elif least is not None and value < least:
            yield problem(f"must be greater than or equal to {least}", pointer)
        elif most is not None and value > most:
            yield problem(f"must be less than or equal to {most}", pointer)

    return check


def flag(value: Any, pointer: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield problem("must provide a boolean", pointer)


def anything(_value: Any, _pointer: str) -> Iterator[str]:
    return iter(())


def one_of(*allowed: object) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, bool) or value not in allowed:
            yield problem(f"must be one of {', '.join(map(str, allowed))}", pointer)

    return check


def listed(item: Check, *, least: int = 0, most: int | None = None) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must provide an array", pointer)
            return
        if len(value) < least:
            yield problem(f"no fewer than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            yield problem(f"no more than {most} items allowed", pointer)
        for index, one in enumerate(value):
            yield from item(one, f"{pointer}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly these properties; an unknown one is refused, as Slack refuses it."""
    known = {**required, **(optional or {})}

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                yield problem(f"missing required field: {name}", pointer)
        for name, inner in value.items():
            if name not in known:
                yield problem(f"invalid additional property: {name}", pointer)
            else:
                yield from known[name](inner, f"{pointer}/{name}")

    return check


def typed(type_: str, required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object whose `type` is fixed."""
    return record({"type": one_of(type_), **required}, optional)


def tagged(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` says which check it must pass."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
        elif not isinstance(value.get("type"), str):
            yield problem("missing required field: type", pointer)
        elif value["type"] not in kinds:
            yield problem(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            yield from kinds[value["type"]](value, pointer)

    return check


def both(first: Check, *more: Check) -> Check:
    """All checks in turn; the later ones are asked only about what passed the first."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        found = list(first(value, pointer))
        yield from found
        if not found:
            for another in more:
                yield from another(value, pointer)

    return check


def exactly_one_of(*names: str) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        given = [name for name in names if value.get(name) is not None]
        if len(given) != 1:
            yield problem(f"must provide exactly one of {', '.join(names)}", pointer)

    return check


def at_least_one_of(*names: str) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if all(value.get(name) in (None, []) for name in names):
            yield problem(f"must provide at least one of {', '.join(names)}", pointer)

    return check
