"""Draws the forms: what we ask an agent, with everything they should know before pressing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.cards.entries import decision_buttons, unit_words
from bot.cards.model import (
    Button,
    Checks,
    Choice,
    Field,
    FilesInput,
    Form,
    FormButtons,
    Line,
    Moment,
    Option,
    PeopleInput,
    PersonInput,
    Plain,
    Quote,
    Said,
    Strong,
    TextInput,
)
from bot.cards.parts import Reader, sending_words
from bot.cards.replying import others_lines
from bot.cards.scheduled import when_fields
from bot.cards.times import NOW
from bot.cards.words import knows
from routing.agents import Agent
from routing.desk.scheduling import RETURNED
from routing.desk.views import Addressee, TicketView
from routing.history import HistoryEntry
from routing.ids import new_id
from routing.leases import Lease
from routing.messages import Attachment, Message
from routing.policy import Look
from routing.replies import Limits, Outbound, Window
from routing.templates import Template, matches
from routing.ticket import Priority, Ticket

NO_TEMPLATE = "-"
MOST_TEMPLATES_SHOWN = 99  # a choice of Slack's holds a hundred, one of them is "no template"
HISTORY_SHOWN = 40
QUOTED = 600


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what terms a reply would leave. `again` are the files of one that did not leave, `others` the colleagues
    who are replying too. `more_templates`: there are more than can be shown, so words find them."""

    look: Look
    sender: str
    limits: Limits
    window: Window
    templates: tuple[Template, ...]
    signature: str
    now: datetime
    again: tuple[Attachment, ...] = ()
    more_templates: bool = False
    others: Sequence[Lease] = ()


@dataclass(frozen=True, slots=True)
class ReplyDraft:
    """What the reply form holds. `key` is the id of the message to be; `redrawn` changes when we, not the agent, put
    new words into the text, so that surfaces show them. `files` are chosen in the form, those `along` came with it.
    `when` and `at`: the time it is to leave. `again` names a reply that did not leave: its files (those `chosen`, or
    all) go along with this one. `opened`: since when its agent knows what colleagues have answered. `source` names the
    thread message that it is made of. `language` is the one chosen of the template's, `placed` which template's words
    stand in the text, and in which language."""

    key: str
    text: str = ""
    template: str = ""
    seen: int = 0
    closing: bool = False
    preview: bool = False
    files: tuple[str, ...] = ()
    along: tuple[str, ...] = ()
    redrawn: str = ""
    when: str = NOW
    at: str = ""
    again: str = ""
    chosen: tuple[str, ...] | None = None
    template_words: str = ""
    opened: str = ""
    conversation: str = ""
    source: str = ""
    language: str = ""
    placed: str = ""

    def kept(self) -> dict[str, str]:
        kept = {"key": self.key, "seen": str(self.seen), "along": ",".join(self.along), "redrawn": self.redrawn}
        kept |= {"again": self.again, "opened": self.opened, "source": self.source, "placed": self.placed}
        return {name: value for name, value in kept.items() if value}

    def kept_whole(self) -> dict[str, str]:
        """Everything but the words, for a form that only asks whether to send them anyway."""
        kept = replace(self, along=(*self.along, *self.files)).kept()
        if self.closing:
            kept["after"] = "close"
        if self.again:
            kept["chosen"] = ",".join(self.chosen or ())
        chosen = {"when": self.when, "at": self.at, "conversation": self.conversation}
        return kept | {name: value for name, value in chosen.items() if value}


def reply_form(view: TicketView, terms: Terms, draft: ReplyDraft, reader: Reader) -> Form:
    ticket = view.ticket
    fields: list[Field] = [Said(lines=(*others_lines(terms.others, reader), *_heading(view, terms, reader)))]
    if view.addressees:
        fields.append(_conversation_choice(view, reader))
    if terms.templates or terms.more_templates:
        fields.append(_template_choice(terms, draft, reader))
        fields += _language_choice(terms, draft, reader)
    if terms.more_templates:
        words = TextInput("template_words", reader.say("form.reply.words"), draft.template_words, optional=True)
        fields += [words, FormButtons((Button("form.send.find", reader.say("button.find"), ticket.id),))]
    fields.append(_text_input(terms.limits, draft, reader))
    if draft.preview:
        fields.append(_preview(terms, draft, reader))
    fields.append(FormButtons((Button("form.send.preview", reader.say("button.preview"), ticket.id),)))
    if terms.limits.attachments:
        size = terms.limits.attachment_bytes // 1_000_000
        hint = reader.say("form.reply.files_hint", count=terms.limits.attachments, size=size)
        fields.append(FilesInput("files", reader.say("form.reply.files"), terms.limits.attachments, hint))
    if draft.along:
        fields.append(Said(lines=(reader.line("form.reply.along", count=len(draft.along)),)))
    if terms.again:
        fields.append(_files_again(terms.again, draft, reader))
    fields += when_fields(draft.when, draft.at, reader, terms.now)
    closing = (Option("close", reader.say("form.reply.close_too")),)
    fields.append(Checks("after", reader.say("form.reply.close"), closing, ("close",) if draft.closing else ()))
    return Form(
        name="send",
        title=reader.say("form.reply.title", number=ticket.number),
        fields=tuple(fields),
        ticket=ticket.id,
        submit=reader.say("form.reply.submit" if draft.when == NOW else "form.reply.schedule"),
        cancel=reader.say("button.cancel"),
        keep=draft.kept(),
        tells_close=True,
    )


def _files_again(files: Sequence[Attachment], draft: ReplyDraft, reader: Reader) -> Checks:
    options = tuple(Option(file.id, file.name) for file in files)
    chosen = tuple(file.id for file in files) if draft.chosen is None else draft.chosen
    return Checks("chosen", reader.say("form.reply.again"), options, chosen)


def chosen_first(templates: Sequence[Template], draft: ReplyDraft) -> list[Template]:
    """Those that the choice shows: what holds the words looked for, the most used first, and what is chosen already."""
    chosen = [one for one in templates if one.id == draft.template]
    found = [one for one in templates if one not in chosen and matches(one, draft.template_words)]
    return [*chosen, *found][:MOST_TEMPLATES_SHOWN]


def _heading(view: TicketView, terms: Terms, reader: Reader) -> list[Line]:
    conversation = view.conversation
    name = view.contact.name or view.identity.name
    # A customer may have asked for the answer at another address: the agent must see where it really goes.
    address = conversation.handle.get("reply_to") or conversation.address
    address = address if view.identity.scope == "email" else ""
    to = f"{name} <{address}>" if name and address else name or address
    channel = terms.look.title_in(reader.language)
    lines: list[Line] = [
        (Strong(reader.say("form.reply.to")), Plain(f": {to} ({channel})")),
        (Strong(reader.say("form.reply.as")), Plain(f": {terms.sender}")),
    ]
    if conversation.subject:
        lines.append((Strong(reader.say("form.reply.subject")), Plain(f": {conversation.subject}")))
    if terms.window.until is not None:
        lines.append((Strong(reader.say("form.reply.window")), Plain(": "), Moment(terms.window.until)))
    if terms.window.note:
        lines.append((Plain(terms.window.note),))
    return lines


def _conversation_choice(view: TicketView, reader: Reader) -> Choice:
    """Several customers may hold part in a ticket, or one of them on several channels: it is said to whom this goes."""
    options = tuple(Option(one.conversation.id, _addressed(one)) for one in view.addressees)
    label, hint = reader.say("form.reply.conversation"), reader.say("form.reply.conversation_hint")
    return Choice("conversation", label, options, view.conversation.id, hint=hint, refreshes=True)


def _addressed(one: Addressee) -> str:
    name = one.contact.name or one.identity.name
    where = one.conversation.address if one.identity.scope == "email" else one.conversation.channel
    words = f"{name} · {where}" if name and name != where else where
    return f"{words} · {one.conversation.subject}" if one.conversation.subject else words


def _template_choice(terms: Terms, draft: ReplyDraft, reader: Reader) -> Choice:
    options = (
        Option(NO_TEMPLATE, reader.say("form.reply.no_template")),
        *(Option(one.id, one.title) for one in terms.templates),
    )
    initial = draft.template or NO_TEMPLATE
    return Choice("template", reader.say("form.reply.template"), options, initial, optional=True, refreshes=True)


def _language_choice(terms: Terms, draft: ReplyDraft, reader: Reader) -> list[Choice]:
    """Only where the chosen template has several: its words in another language take the place of those that stand."""
    chosen = next((one for one in terms.templates if one.id == draft.template), None)
    if chosen is None or len(chosen.texts) < 2 or not draft.placed.endswith(f" {chosen.id}"):
        return []
    options = tuple(Option(tag, _language_name(tag, reader)) for tag in chosen.texts)
    return [Choice("language", reader.say("form.reply.language"), options, draft.language, refreshes=True)]


def _language_name(tag: str, reader: Reader) -> str:
    """A language by its name where the catalogues know it, else by its tag."""
    key = f"language.{tag}"
    return reader.say(key) if knows(reader.language, key) else tag


def _text_input(limits: Limits, draft: ReplyDraft, reader: Reader) -> TextInput:
    unit = unit_words(reader, limits.unit)
    key = "form.reply.hint" if limits.text <= 3000 else "form.reply.long_hint"
    return TextInput(
        "text",
        reader.say("form.reply.text"),
        initial=draft.text,
        multiline=True,
        hint=reader.say(key, limit=f"{limits.text:,}", unit=unit),
        longest=limits.text,
    )


def _preview(terms: Terms, draft: ReplyDraft, reader: Reader) -> Said:
    whole = f"{draft.text}\n\n{terms.signature}" if terms.signature else draft.text
    return Said(lines=(reader.line("form.reply.preview"),), quote=Quote(whole or reader.say("card.no_text")))


def meanwhile_form(view: TicketView, draft: ReplyDraft, reader: Reader) -> Form:
    """The customer wrote while the agent was writing: their words, the reply, and Send anyway."""
    ticket = view.ticket
    return Form(
        name="send",
        title=reader.say("form.meanwhile.title"),
        fields=(
            Said(lines=(reader.line("form.meanwhile.text"),), quote=Quote(ticket.latest[:QUOTED] or "…")),
            TextInput("text", reader.say("form.meanwhile.yours"), initial=draft.text, multiline=True),
        ),
        ticket=ticket.id,
        submit=reader.say("form.meanwhile.submit"),
        cancel=reader.say("button.cancel"),
        keep=draft.kept_whole(),
        tells_close=True,
    )


def decide_form(view: TicketView, reply: Outbound, words: str, reader: Reader) -> Form:
    """An earlier reply failed or is unclear: it is settled before another one is written."""
    return Form(
        name="decided",
        title=reader.say("form.reply.title", number=view.ticket.number),
        fields=(
            Said(
                lines=((Strong(sending_words(reader, reply)),), reader.line("refused.reply.undecided_first")),
                quote=Quote(words or "…"),
            ),
            FormButtons(decision_buttons(view.ticket.id, reply, reader)),
        ),
        ticket=view.ticket.id,
        cancel=reader.say("button.cancel"),
    )


def note_form(ticket: Ticket, reader: Reader) -> Form:
    return Form(
        name="add_note",
        title=reader.say("form.note.title", number=ticket.number),
        fields=(
            TextInput("text", reader.say("form.note.text"), multiline=True),
            PeopleInput("tell", reader.say("form.note.tell"), reader.say("form.note.tell_hint")),
        ),
        ticket=ticket.id,
        submit=reader.say("form.note.submit"),
        cancel=reader.say("button.cancel"),
        keep={"key": new_id()},
    )


def priority_form(ticket: Ticket, reader: Reader) -> Form:
    options = tuple(Option(one, reader.say(f"priority.{one}")) for one in Priority)
    return Form(
        name="set_priority",
        title=reader.say("form.priority.title", number=ticket.number),
        fields=(Choice("priority", reader.say("card.priority"), options, ticket.priority),),
        ticket=ticket.id,
        submit=reader.say("form.priority.submit"),
        cancel=reader.say("button.cancel"),
    )


def assign_form(view: TicketView, reader: Reader, user: str) -> Form:
    return Form(
        name="set_assignee",
        title=reader.say("form.assign.title", number=view.ticket.number),
        fields=(PersonInput("who", reader.say("form.assign.who"), initial=user),),
        ticket=view.ticket.id,
        submit=reader.say("form.assign.submit"),
        cancel=reader.say("button.cancel"),
    )


def history_form(ticket: Ticket, entries: Sequence[HistoryEntry], agents: Mapping[str, Agent], reader: Reader) -> Form:
    shown = entries[-HISTORY_SHOWN:]
    return Form(
        name="history",
        title=reader.say("form.history.title", number=ticket.number),
        fields=tuple(
            Said(lines=((Moment(entry.at), Plain(" "), _happened(entry, agents, reader)),)) for entry in shown
        ),
        ticket=ticket.id,
        cancel=reader.say("button.cancel"),
    )


def _happened(entry: HistoryEntry, agents: Mapping[str, Agent], reader: Reader) -> Plain:
    agent = agents.get(entry.agent) if entry.agent is not None else None
    values = dict(entry.values)
    for name in ("before", "after"):
        if name in values:
            values[name] = reader.say(f"priority.{values[name]}")
    if "until" in values:
        values["until"] = reader.clock(datetime.fromisoformat(values["until"]))
    if "when" in values:
        values["when"] = reader.clock(datetime.fromisoformat(values["when"]))
    if entry.what == RETURNED:
        values["reason"] = reader.say(f"returned.{values['reason']}")
    who = agent.name if agent else reader.say("who.system")
    return Plain(reader.say(f"history.{entry.what}", **(values | {"who": who})))


def whole_form(message: Message, reader: Reader) -> Form:
    whole = message.full_text or message.text
    parts = [whole[start : start + 2800] for start in range(0, min(len(whole), 28_000), 2800)] or ["…"]
    return Form(
        name="whole",
        title=reader.say("form.whole.title"),
        fields=tuple(Said(quote=Quote(part)) for part in parts),
        ticket=message.ticket,
        cancel=reader.say("button.cancel"),
    )
