"""Turns HTML mail into plain text in one linear pass, and notes where a mail program began to quote."""

import html
import re

_OPENING = re.compile(r"<(?=[A-Za-z/!?])")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9:-]{0,30}")
_ATTRIBUTE = re.compile(r"""([A-Za-z-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]*))""")
_END_OR_QUOTE = re.compile("[>\"']")
_SPACES = re.compile(r"[ \t\n\r\f\u00a0]+")
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "dl", "pre", "blockquote"})
_BLOCKS = _PARAGRAPHS | {"div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "center", "address",
                         "form", "fieldset", "figure", "caption", "thead", "tbody", "title"}  # fmt: skip
_SKIPPED = frozenset({"script", "style", "head", "title", "template", "svg", "object", "select", "textarea"})
_LINKED = ("http://", "https://", "mailto:", "tel:")
_DEEPEST_QUOTE = 5
_LONGEST = 2_000_000
# What mail programs put around or before the mail they answer.
_QUOTE_CLASSES = ("gmail_quote", "gmail_attr", "moz-cite-prefix", "yahoo_quoted", "gmail_extra", "protonmail_quote")
_QUOTE_IDS = ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container", "replysplit")
_QUOTE_BORDER = re.compile(r"border-top:\s*solid\s+#(?:e1e1e1|b5c4df)", re.IGNORECASE)


def to_text(page: str) -> tuple[str, frozenset[int]]:
    """The text of a page, quoted blocks marked with `> `, and the numbers of the lines where quoting begins."""
    writer = _Writer()
    page = page[:_LONGEST]
    at, end = 0, len(page)
    last = {'"': page.rfind('"'), "'": page.rfind("'")}
    unclosed: set[str] = set()
    while at < end:
        tag = _OPENING.search(page, at)
        if tag is None:
            writer.write(page[at:])
            break
        if tag.start() > at:
            writer.write(page[at : tag.start()])
        at = _tag(page, tag.start(), last, unclosed, writer)
    return writer.finish()


def _tag(page: str, opening: int, last: dict[str, int], unclosed: set[str], writer: "_Writer") -> int:
    """Reads what begins with `<`; returns where to go on."""
    if page.startswith("<!--", opening):
        return _after(page, "-->", opening + 4, unclosed)
    if page.startswith(("<!", "<?"), opening):
        return _after(page, ">", opening, unclosed)
    closes = page.startswith("</", opening)
    name_match = _NAME.match(page, opening + (2 if closes else 1))
    if name_match is None:
        writer.write("<")
        return opening + 1
    name = name_match.group().lower()
    closing = _tag_end(page, name_match.end(), last)
    if closing < 0:
        writer.write(page[opening:])
        return len(page)
    if closes:
        writer.close(name)
        return closing + 1
    if name in _SKIPPED and page[closing - 1] != "/":
        return _after_element(page, name, closing + 1, unclosed)
    writer.open(name, page[name_match.end() : closing])
    return closing + 1


def _after(page: str, mark: str, at: int, unclosed: set[str]) -> int:
    """Behind the next `mark`; the end of the page when it never comes (asked once only, or it would cost a square)."""
    found = -1 if mark in unclosed else page.find(mark, at)
    if found < 0:
        unclosed.add(mark)
        return len(page)
    return found + len(mark)


def _after_element(page: str, name: str, at: int, unclosed: set[str]) -> int:
    if name in unclosed:
        return at
    closing = re.compile(rf"</{name}[^>]{{0,50}}>", re.IGNORECASE).search(page, at)
    if closing is None:
        unclosed.add(name)
        return at
    return closing.end()


def _tag_end(page: str, at: int, last: dict[str, int]) -> int:
    """Where the tag's `>` stands, one inside a quoted attribute value not counted."""
    while (found := _END_OR_QUOTE.search(page, at)) is not None:
        mark, place = found.group(), found.start()
        if mark == ">":
            return place
        if place >= last[mark]:
            return page.find(">", place)  # A quote that is never closed hides nothing.
        at = page.find(mark, place + 1) + 1
    return -1


class _Writer:
    """Collects lines, as a reader would see them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0
        self.exact = 0
        self.links: list[tuple[str, int, int]] = []
        self.lists: list[int] = []
        self.marks: set[int] = set()

    def write(self, run: str) -> None:
        if "&" in run:
            run = html.unescape(run)
        if self.exact:
            first, *others = run.split("\n")
            self.line.append(first)
            for other in others:
                self.break_line()
                self.line.append(other)
            return
        run = _SPACES.sub(" ", run)
        if run and not (run == " " and not self.line):
            self.line.append(run if self.line else run.lstrip(" "))

    def break_line(self) -> None:
        text = "".join(self.line).rstrip()
        self.lines.append("> " * min(self.quotes, _DEEPEST_QUOTE) + text if self.quotes else text)
        self.line = []

    def block(self, *, paragraph: bool) -> None:
        if self.line:
            self.break_line()
        if paragraph and self.lines and self.lines[-1].strip("> "):
            self.break_line()

    def open(self, name: str, attributes: str) -> None:
        if name == "br":
            self.break_line()
            return
        if name in _BLOCKS:
            self.block(paragraph=name in _PARAGRAPHS)
        if attributes:
            self.note_quote(attributes)
        if name == "a":
            self.links.append((_attribute(attributes, "href"), len(self.lines), len(self.line)))
        elif name == "img":
            if alternative := _attribute(attributes, "alt").strip():
                self.write(f"[{html.escape(alternative, quote=False)}]")
        elif name == "hr":
            self.block(paragraph=False)
            self.line.append("―――")
            self.break_line()
        elif name == "blockquote":
            self.quotes += 1
        elif name == "pre":
            self.exact += 1
        elif name in ("ul", "ol"):
            self.lists.append(0 if name == "ol" else -1)
        elif name == "li":
            if self.lists and self.lists[-1] >= 0:
                self.lists[-1] += 1
                self.line.append(f"{self.lists[-1]}. ")
            else:
                self.line.append("- ")
        elif name in ("td", "th"):
            self.write(" ")

    def close(self, name: str) -> None:
        if name == "a" and self.links:
            self.close_link(*self.links.pop())
        elif name in _BLOCKS:
            self.block(paragraph=name in _PARAGRAPHS)
        if name == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        elif name == "pre":
            self.exact = max(0, self.exact - 1)
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()

    def close_link(self, target: str, line: int, place: int) -> None:
        """A link is shown with its target wherever its words say anything else."""
        if not target.lower().startswith(_LINKED):
            return
        words = "".join(self.line[place:]) if line == len(self.lines) else ""
        plain = target.removeprefix("mailto:").removeprefix("tel:")
        if _bare(words) != _bare(plain):
            self.line.append(f" <{plain}>" if words.strip() else f"<{plain}>")

    def note_quote(self, attributes: str) -> None:
        lowered = attributes.lower()
        if (
            ("class" in lowered and any(mark in lowered for mark in _QUOTE_CLASSES))
            or ("id" in lowered and any(mark in lowered for mark in _QUOTE_IDS))
            or ("border-top" in lowered and _QUOTE_BORDER.search(attributes))
        ):
            self.marks.add(len(self.lines))

    def finish(self) -> tuple[str, frozenset[int]]:
        if self.line:
            self.break_line()
        lines: list[str] = []
        places: list[int] = []
        for line in self.lines:
            places.append(len(lines))
            if line or (lines and lines[-1]):
                lines.append(line)
        while lines and not lines[-1]:
            lines.pop()
        marks = frozenset(places[mark] for mark in self.marks if mark < len(places) and places[mark] < len(lines))
        return "\n".join(lines), marks


def _attribute(attributes: str, wanted: str) -> str:
    for name, double, single, bare in _ATTRIBUTE.findall(attributes):
        if name.lower() == wanted:
            return (
                _SPACES.sub("", html.unescape(double or single or bare))
                if wanted == "href"
                else html.unescape(double or single or bare)
            )
    return ""


def _bare(link: str) -> str:
    return link.strip().rstrip("/").lower().removeprefix("https://").removeprefix("http://").removeprefix("www.")
