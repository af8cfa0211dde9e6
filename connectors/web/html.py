"""Makes HTML in which no value can become markup: whatever is not made here is escaped."""

from html import escape

Value = str | bool | int

_VOID = frozenset({"input", "meta", "link", "br"})


class Html(str):
    """Text that is HTML already; made only by the functions of this module."""

    __slots__ = ()


def escaped(value: str) -> Html:
    return value if isinstance(value, Html) else Html(escape(value))


def tag(name: str, /, *children: str, **attributes: Value) -> Html:
    """An element. Attribute names: a trailing underscore goes (`for_`), others become hyphens; True stands alone, False
    and empty text leave the attribute out."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str) -> Html:
    return Html("".join(escaped(child) for child in children))


def document(language: str, head: Html, body: Html) -> Html:
    return Html(f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang=language)}\n")


def _attribute(name: str, value: Value) -> str:
    if value is False or value == "":
        return ""
    hyphened = name.rstrip("_").replace("_", "-")
    return f" {hyphened}" if value is True else f' {hyphened}="{escape(str(value))}"'
