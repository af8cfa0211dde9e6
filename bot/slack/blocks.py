"""Draws cards and thread entries as Block Kit messages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards.model import Card, Emoji, Entry, Fact, Line, Link, Moment, Person, Plain, Span, Strong, Struck, plain
from bot.slack.buttons import rows
from bot.slack.rich import Allowance, Json, date_token, joined, quotation, section, spans
from bot.slack.seal import Seal
from bot.slack.texts import MOST_DRAWN, cut, drawable, one_line, size, tidy

MOST_BLOCKS = 50
MOST_IN_CONTEXT = 10
MOST_FOOTNOTES = 10
MOST_LINES = 40
LONGEST_HEADER = 150
LONGEST_FALLBACK = 1000
LONGEST_FACT = 300
# Slack refuses messages whose blocks hold too much text together ("msg_blocks_too_long"). It does not document the sum;
# people met it between 11,000 and 13,300 characters, so we stay well below.
MOST_TEXT = 9000
FACTS_WIDTH = 60
_LIKE_EMOJI = re.compile(r":[A-Za-z0-9_+'-]+:")
_MOMENT_WIDTH = 16


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message as Slack takes it: what notifications read, and what people see."""

    text: str
    blocks: list[Json]


def draw_card(card: Card, seal: Seal) -> Drawn:
    allowance = Allowance(MOST_TEXT)
    blocks = [_title(card.title, allowance)]
    if card.facts:
        blocks.append(_rich(*_facts(card.facts, allowance)))
    if card.quote and (quoted := quotation(card.quote, allowance)):
        blocks.append(_rich(quoted))
    blocks += _footnotes(card.footnotes, allowance)
    blocks += rows(card.buttons, seal, menu=card.menu, menu_label=card.menu_label)
    return Drawn(_fallback(card.fallback, card.title), blocks[:MOST_BLOCKS])


def draw_entry(entry: Entry, seal: Seal) -> Drawn:
    allowance = Allowance(MOST_TEXT)
    blocks = said(entry.lines, allowance)
    if entry.quote and (quoted := quotation(entry.quote, allowance)):
        blocks.append(_rich(quoted))
    blocks += _footnotes(entry.footnotes, allowance)
    blocks += rows(entry.buttons, seal)
    words = entry.lines[0] if entry.lines else (Plain(entry.quote.text if entry.quote else ""),)
    if not blocks:
        # Slack would read marks of emphasis in a message that is only text.
        blocks = said(((Plain(entry.fallback.strip() or "–"),),), allowance)
    return Drawn(_fallback(entry.fallback, words), blocks[:MOST_BLOCKS])


def said(lines: Sequence[Line], allowance: Allowance) -> list[Json]:
    """Lines of text as one block, or none."""
    return [_rich(*(section(line, allowance) for line in lines[:MOST_LINES]))] if lines else []


def escaped(text: str) -> str:
    """Words for a mrkdwn text: nothing in them can be a link, a mention or a token."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fallback(text: str, otherwise: Line) -> str:
    words = drawable(text).strip() or one_line(plain(otherwise)).strip()
    return escaped(cut(words, LONGEST_FALLBACK)) or "–"


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _title(title: Line, allowance: Allowance) -> Json:
    """A header where its plain text can say it all. What looks like an emoji's name in somebody's words would be drawn
    as one there, so such a title is drawn in bold rich text instead."""
    as_header = all(
        isinstance(span, Emoji) or (isinstance(span, Plain | Strong) and not _LIKE_EMOJI.search(span.text[:MOST_DRAWN]))
        for span in title
    )
    words = tidy(plain(title))
    if not as_header or not words:
        return _rich(section(title, allowance, bold=True, longest=LONGEST_HEADER))
    text = allowance.cut(words, LONGEST_HEADER)
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": True}}


def _facts(facts: Sequence[Fact], allowance: Allowance) -> list[Json]:
    """Facts stand beside each other as long as they fit on a line of a narrow window."""
    lines: list[list[Json]] = []
    used = 0
    for fact in facts:
        width = _width(tidy(fact.label)) + 1 + sum(_span_width(span) for span in fact.value)
        if not lines or used + width > FACTS_WIDTH:
            lines.append([])
            used = 0
        else:
            lines[-1].append({"type": "text", "text": "   ·   "})
        used += width + 7
        words = (Strong(tidy(fact.label)), Plain("  "), *(fact.value or (Plain("–"),)))
        lines[-1] += spans(words, allowance, longest=LONGEST_FACT)
    return [{"type": "rich_text_section", "elements": joined(line)} for line in lines]


def _span_width(span: Span) -> int:
    match span:
        case Plain(text) | Strong(text) | Struck(text) | Link(text):
            return _width(text)
        case Person(name):
            return _width(name)
        case Emoji():
            return 2
        case Moment():
            return _MOMENT_WIDTH


def _width(text: str) -> int:
    """Columns on the screen: East Asian letters take two."""
    text = text[:LONGEST_FACT]
    return size(text) + sum(1 for character in text if "\u1100" <= character <= "\uffff")


def _footnotes(footnotes: Sequence[Line], allowance: Allowance) -> list[Json]:
    return [_footnote(line, allowance) for line in footnotes[:MOST_FOOTNOTES] if plain(line).strip()]


def _footnote(line: Line, allowance: Allowance) -> Json:
    """Small grey text. Words stand in plain text elements; the only mrkdwn ones are moments, made of figures alone."""
    elements: list[Json] = []
    for words, emoji in _runs(line):
        if isinstance(words, Moment):
            elements.append({"type": "mrkdwn", "text": date_token(words.at)})
        elif text := allowance.cut(one_line(words), 1000).strip():
            elements.append({"type": "plain_text", "text": text, "emoji": emoji})
    acts = any(isinstance(span, Link) or (isinstance(span, Person) and span.ping and span.user) for span in line)
    if acts or not elements or len(elements) > MOST_IN_CONTEXT:
        return _rich(section(line, allowance))
    return {"type": "context", "elements": elements}


def _runs(line: Line) -> list[tuple[str | Moment, bool]]:
    """Neighbouring words joined; emoji by themselves, for only there Slack may read names as pictures."""
    runs: list[tuple[str | Moment, bool]] = []
    for span in line:
        match span:
            case Moment():
                runs.append((span, False))
            case Emoji(name):
                runs.append((f":{name}:", True))
            case Plain(text) | Strong(text) | Struck(text) | Person(text) | Link(text):
                last = runs[-1] if runs else None
                if last and isinstance(last[0], str) and not last[1]:
                    runs[-1] = (last[0] + text, False)
                else:
                    runs.append((text, False))
    return runs
