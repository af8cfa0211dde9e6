"""Draws the forms of a group reply (choose and write, review, held) and the report at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.cards.entries import refusal_words
from bot.cards.model import (
    Button,
    Checks,
    Choice,
    Emoji,
    Entry,
    Field,
    Form,
    FormButtons,
    Line,
    Link,
    Option,
    Plain,
    Quote,
    Said,
    Strong,
    Style,
    TextInput,
)
from bot.cards.notices import Links
from bot.cards.parts import Reader
from bot.cards.template_forms import TEXT
from routing.desk.grouping import Review
from routing.group_reply import Fate, GroupReport, Recipient
from routing.ids import TicketId
from routing.policy import Accounts
from routing.templates import Template

SAMPLES = 3
NAMED = 20  # tickets that the report names one by one
NO_TEMPLATE = "-"
NO_TICKET = TicketId("")


@dataclass(frozen=True, slots=True)
class GroupDraft:
    """What the first form holds: which tickets (`query` and `numbers`) and what is written to them."""

    texts: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    numbers: str = ""
    template: str = ""
    closing: bool = False


def group_form(draft: GroupDraft, templates: Sequence[Template], reader: Reader) -> Form:
    fields: list[Field] = [
        Said(lines=(reader.line("form.group.about"),)),
        TextInput(
            "query", reader.say("form.group.query"), draft.query, hint=reader.say("form.group.hint"), optional=True
        ),
        TextInput("numbers", reader.say("form.group.numbers"), draft.numbers, optional=True),
    ]
    if templates:
        none = Option(NO_TEMPLATE, reader.say("form.reply.no_template"))
        options = (none, *(Option(one.id, one.title) for one in templates))
        initial = draft.template or NO_TEMPLATE
        fields.append(Choice("template", reader.say("form.reply.template"), options, initial, optional=True))
        fields.append(FormButtons((Button("group_template", reader.say("button.group_template"), NO_TICKET),)))
    hint = reader.say("form.template.hint")
    for language, text in draft.texts.items():
        label = reader.say("form.template.text", tag=language)
        fields.append(TextInput(f"{TEXT}{language}", label, text, multiline=True, hint=hint, optional=True))
    closing = (Option("close", reader.say("form.group.close_too")),)
    fields.append(Checks("after", reader.say("form.reply.close"), closing, ("close",) if draft.closing else ()))
    return Form(
        name="group_review",
        title=reader.say("form.group.title"),
        fields=tuple(fields),
        ticket=NO_TICKET,
        submit=reader.say("form.group.review"),
        cancel=reader.say("button.cancel"),
        keep={"languages": ",".join(draft.texts)},
    )


def review_form(review: Review, accounts: Accounts, reader: Reader, keep: Mapping[str, str]) -> Form:
    """How many get it, by channel; who does not, and why; three of the texts as they would leave."""
    included, excluded = review.included, review.excluded
    by_channel: dict[str, int] = {}
    for one in included:
        by_channel[one.recipient.channel] = by_channel.get(one.recipient.channel, 0) + 1
    lines: list[Line] = [(Strong(reader.say("form.group.count", count=len(included))),)]
    for channel, count in sorted(by_channel.items()):
        look = accounts.look_of(channel)
        lines.append((Emoji(look.icon), Plain(f" {look.title_in(reader.language)}: {count}")))
    fields: list[Field] = [Said(lines=tuple(lines))]
    if excluded:
        fields.append(Said(lines=_left_out([one.recipient for one in excluded], reader)))
    fields += [
        Said(lines=((Plain(f"#{one.recipient.number} {one.name}"),),), quote=Quote(one.text))
        for one in included[:SAMPLES]
    ]
    if review.group.closing:
        fields.append(Said(lines=(reader.line("form.group.closes"),)))
    if included:
        label = reader.say("form.group.type", count=len(included))
        fields.append(TextInput("count", label, hint=reader.say("form.group.type_hint")))
    return Form(
        name="group_send",
        title=reader.say("form.group.review_title"),
        fields=(*fields, FormButtons((Button("group_edit", reader.say("button.group_edit"), NO_TICKET),))),
        ticket=NO_TICKET,
        submit=reader.say("form.group.submit") if included else "",
        cancel=reader.say("button.cancel"),
        keep={"group": review.group.id, **keep},
    )


def _left_out(recipients: Sequence[Recipient], reader: Reader) -> tuple[Line, ...]:
    """Grouped by reason, so that a hundred tickets with one reason are one line."""
    reasons: dict[str, list[str]] = {}
    for one in recipients:
        reasons.setdefault(refusal_words(reader, one.refusal), []).append(f"#{one.number}")
    head = (Strong(reader.say("form.group.excluded", count=len(recipients))),)
    return (head, *((Plain(f"{_few(numbers)}: {reason}"),) for reason, numbers in reasons.items()))


def _few(numbers: Sequence[str]) -> str:
    return ", ".join(numbers[:NAMED]) + (f" … (+{len(numbers) - NAMED})" if len(numbers) > NAMED else "")


def held_form(group: str, count: int, seconds: int, reader: Reader) -> Form:
    """It leaves in a moment, with Undo for all of it."""
    undo = Button("group_undo", reader.say("button.group_undo"), NO_TICKET, style=Style.DANGER, values={"group": group})
    fields: tuple[Field, ...] = (Said(lines=(reader.line("form.group.held", count=count, seconds=seconds),)),)
    return Form(
        name="group_held",
        title=reader.say("form.group.title"),
        fields=(*fields, FormButtons((undo,))) if seconds > 0 else fields,
        ticket=NO_TICKET,
        cancel=reader.say("button.close_form"),
    )


def undone_form(reader: Reader) -> Form:
    return Form(
        name="group_undone",
        title=reader.say("form.group.title"),
        fields=(Said(lines=(reader.line("form.group.undone"),)),),
        ticket=NO_TICKET,
        cancel=reader.say("button.close_form"),
    )


def report_entry(report: GroupReport, reader: Reader, links: Links) -> Entry:
    """What became of a group reply, told to its author; whoever did not get it is named one by one."""
    counts = report.counts
    title = reader.say("group.report", chosen=report.group.chosen)
    told = [reader.say(f"group.{fate}", count=counts[fate]) for fate in Fate if counts[fate]]
    lines: list[Line] = [(Emoji("mega"), Plain(" "), Strong(title)), (Plain(" · ".join(told)),)]
    for fate in (Fate.FAILED, Fate.UNKNOWN, Fate.PENDING, Fate.TAKEN_BACK, Fate.EXCLUDED):
        named = report.of(fate)
        lines += [_named(report, one, fate, reader, links) for one in named[:NAMED]]
        if len(named) > NAMED:
            lines.append(reader.line("group.more", count=len(named) - NAMED))
    return Entry(fallback=f"{title} {' · '.join(told)}", lines=tuple(lines))


def _named(report: GroupReport, one: Recipient, fate: Fate, reader: Reader, links: Links) -> Line:
    number = f"#{one.number}"
    reply = report.replies.get(one.message)
    why = reader.say(f"sending.{reply.state}", fault=reply.fault) if reply else reader.say("sending.queued")
    if fate is Fate.EXCLUDED:
        why = refusal_words(reader, one.refusal)
    address = links.get(one.ticket)
    return (Link(number, address) if address else Plain(number), Plain(f": {why}"))
