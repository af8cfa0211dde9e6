"""Answering from chat: the reply form with templates and preview, sending, undoing, settling unclear sends."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.actions.collision import stop_writing, write_along
from bot.actions.context import Asked, Entitled, Word, source_of
from bot.actions.files import fetched
from bot.cards import forms
from bot.cards.collision import answered_form
from bot.cards.entries import answer, held_answer, refusal_words, undone_answer
from bot.cards.model import Entry
from bot.cards.scheduled import scheduled_answer
from bot.cards.times import AT, NOW, PRESETS, moment_of
from bot.surface import Answer, Done, FieldErrors
from routing.desk.replying import Draft, Held, undecided
from routing.desk.views import TicketView
from routing.errors import Gone, Refused, Rejected
from routing.ids import MessageId, new_id
from routing.messages import Attachment, NewAttachment
from routing.replies import NEVER_LEFT, Sending, written_anew
from routing.templates import Template, fill, put_in


async def open_reply(asked: Asked) -> Answer:
    """The reply form. While an earlier reply is unclear or failed, that one is asked about first."""
    return await open_with(asked, forms.ReplyDraft(key=new_id()))


async def open_with(asked: Asked, draft: forms.ReplyDraft) -> Answer:
    """The reply form with a draft in it, or the question about an earlier reply that must be settled first."""
    view = await asked.desk.view(asked.action.ticket)
    if view.ticket.merged_into is not None:
        raise Refused("ticket.merged", number=str(view.merged_number))
    if not view.conversation.address and not view.addressees:
        raise Refused("reply.no_address")
    pending = undecided(view.replies)
    if pending is not None:
        message = await asked.desk.message(pending.message)
        return forms.decide_form(view, pending, message.text if message else "", asked.reader)
    opened = asked.house.clock().isoformat()
    form = await _form(asked, view, replace(draft, seen=view.ticket.latest_seq, opened=opened))
    await asked.desk.writers_changed(asked.action.ticket)
    return form


async def _form(asked: Asked, view: TicketView, draft: forms.ReplyDraft) -> Answer:
    """The form with a draft in it. Once it stands open nothing but itself may take its place: somebody wrote in it."""
    view = view.answering(draft.conversation)
    again = await _own_files(asked, draft)
    others = await write_along(asked)
    known = replace(await terms(asked, view, draft), again=again, others=others)
    return forms.reply_form(view, known, draft, asked.reader)


async def _own_files(asked: Asked, draft: forms.ReplyDraft) -> tuple[Attachment, ...]:
    """The files of the reply that this one is written anew from: only its author gets them back."""
    message = await asked.desk.message(draft.again) if draft.again else None
    if message is None or message.agent != asked.agent.id or message.ticket != asked.action.ticket:
        return ()
    return await asked.desk.files_of(message.id)


async def terms(asked: Asked, view: TicketView, draft: forms.ReplyDraft) -> forms.Terms:
    """Under what terms a reply would leave: as whom, through which account, within which limits and window."""
    accounts = asked.desk.accounts
    conversation = view.conversation
    through = accounts.answers_through(conversation.account)
    channel = accounts.answering_channel(conversation.account, conversation.channel)
    rooms = {posting.room for posting in await asked.desk.rooms_of(view.ticket.id)}
    fitting = await asked.desk.templates_for(channel, rooms)
    return forms.Terms(
        look=accounts.look_of(channel),
        sender=accounts.sender_name(through),
        limits=accounts.limits(through, channel),
        window=accounts.window(through, conversation, asked.house.clock()),
        templates=tuple(forms.chosen_first(fitting, draft)),
        more_templates=len(fitting) > forms.MOST_TEMPLATES_SHOWN,
        signature=accounts.signature(through),
        now=asked.house.clock(),
    )


async def choose_template(asked: Asked) -> Answer:
    """The form again, with the chosen template's words in it: below what was typed, or in place of the words of the
    template (or of its other language) that was chosen before."""
    draft = _draft(asked)
    view = (await asked.desk.view(asked.action.ticket)).answering(draft.conversation)
    template = await asked.desk.template_named(draft.template)
    if template is not None:
        language = _variant(asked, view, template, draft)
        blanks = asked.desk.blanks(view, asked.agent)
        text = put_in(draft.text, fill(template.texts[language], blanks), former=await _former(asked, draft, blanks))
        draft = replace(draft, text=text, language=language, placed=f"{language} {template.id}", redrawn=new_id())
    return await _form(asked, view, draft)


def _variant(asked: Asked, view: TicketView, template: Template, draft: forms.ReplyDraft) -> str:
    """The language that the agent chose, where the template has it; else the customer's, else the organisation's."""
    if draft.language in template.texts:
        return draft.language
    return template.variant(view.contact.language or asked.desk.policy.language, asked.desk.policy.language)


async def _former(asked: Asked, draft: forms.ReplyDraft, blanks: Mapping[str, str]) -> str:
    """The words that the template chosen before put into the form."""
    language, _, name = draft.placed.partition(" ")
    template = await asked.desk.template_named(name) if name else None
    return fill(template.texts[language], blanks) if template is not None and language in template.texts else ""


async def find_template(asked: Asked) -> Answer:
    """The form again, with only those templates to choose from that hold the words."""
    return await _drawn_again(asked, _draft(asked))


async def choose_time(asked: Asked) -> Answer:
    """The form again, asking for the time when none of the usual ones was chosen."""
    return await _drawn_again(asked, _draft(asked))


async def choose_conversation(asked: Asked) -> Answer:
    """The form again, with the name, account, limits and window of whom the reply goes to now."""
    return await _drawn_again(asked, _draft(asked))


async def _drawn_again(asked: Asked, draft: forms.ReplyDraft) -> Answer:
    return await _form(asked, await asked.desk.view(asked.action.ticket), draft)


async def preview(asked: Asked) -> Answer:
    """The form again, with what would leave shown as it would leave."""
    return await _drawn_again(asked, replace(_draft(asked), preview=True))


def _draft(asked: Asked) -> forms.ReplyDraft:
    value = asked.value
    return forms.ReplyDraft(
        key=value("key"),
        text=value("text"),
        template=value("template"),
        seen=int(value("seen") or 0),
        closing="close" in value("after").split(","),
        files=_listed(value("files")),
        along=_listed(value("along")),
        redrawn=value("redrawn"),
        when=value("when") if value("when") in PRESETS else NOW,
        at=value("at") if value("when") == AT else "",
        again=value("again"),
        chosen=_listed(value("chosen")),
        template_words=value("template_words"),
        opened=value("opened"),
        conversation=value("conversation"),
        source=value("source"),
        language=value("language"),
        placed=value("placed"),
    )


def _listed(value: str) -> tuple[str, ...]:
    return tuple(one for one in value.split(",") if one)


async def send(asked: Asked) -> Answer:
    """Keeps the reply for the undo time. Newer words of the customer are shown first, and asked about."""
    draft = _draft(asked)
    try:
        files = [await _file(asked, one) for one in dict.fromkeys((*draft.along, *draft.files))]
        files += [_kept(one) for one in await _own_files(asked, draft) if one.id in (draft.chosen or ())]
        held = await asked.desk.reply(
            asked.actor,
            asked.action.ticket,
            Draft(
                message=MessageId(draft.key),
                text=draft.text,
                seen=draft.seen,
                closing=draft.closing,
                files=tuple(files),
                template=draft.template,
                conversation=draft.conversation,
                at=moment_of(draft.when, draft.at, asked.house.clock(), asked.house.zone),
                opened=datetime.fromisoformat(draft.opened) if draft.opened else None,
                source=draft.source,
            ),
        )
    except Refused as refusal:
        return await _refused(asked, refusal, draft)
    await stop_writing(asked)
    return Done(_told(asked, held))


def _told(asked: Asked, held: Held) -> Entry:
    if held.scheduled:
        return scheduled_answer(asked.reader, asked.action.ticket, held)
    return held_answer(asked.reader, asked.action.ticket, held, asked.house.clock())


def _kept(file: Attachment) -> NewAttachment:
    """A file of ours that a reply took back with it goes along anew: its bytes are in the blob store already."""
    return NewAttachment(file.name, file.media_type, blob=file.blob, size=file.size)


async def _refused(asked: Asked, refusal: Refused, draft: forms.ReplyDraft) -> Answer:
    if refusal.key == "reply.customer_wrote":
        view = await asked.desk.view(asked.action.ticket)
        return forms.meanwhile_form(view, replace(draft, seen=int(refusal.values["latest"])), asked.reader)
    if refusal.key == "reply.colleague_answered":
        said = await asked.desk.message(refusal.values["message"])
        if said is not None:
            return answered_form(said, replace(draft, opened=asked.house.clock().isoformat()), asked.reader)
    field = "when" if refusal.key.startswith("schedule.") else "text"
    return FieldErrors({field: refusal_words(asked.reader, refusal)})


async def _file(asked: Asked, file: str) -> NewAttachment:
    who = asked.action.who
    try:
        return await fetched(asked.house.surfaces[who.surface], asked.house.blobs, who.workspace, file)
    except (Gone, Rejected):
        raise Refused("reply.no_agent_files") from None


async def undo(asked: Asked) -> Answer:
    message = await asked.desk.undo(asked.actor, MessageId(asked.value("message")))
    if message.agent != asked.agent.id:
        return Done(answer(asked.reader, "tell.taken_back", who=message.author))
    return Done(undone_answer(asked.reader, message))


async def edit_again(asked: Asked) -> Answer:
    """Opens the form with the words and files of a reply that did not leave; only its author gets them back, and one
    reply at most comes of it: what was written anew and is on its way is not offered a second time."""
    message = await asked.desk.message(asked.value("message"))
    if message is None or message.agent != asked.agent.id or message.ticket != asked.action.ticket:
        raise Refused("gone")
    states = {one.message: one.state for one in (await asked.desk.view(message.ticket)).replies}
    while (key := written_anew(message.id)) in states:
        message = await asked.desk.message(key)
        if message is None:
            raise Refused("gone")
    if states.get(message.id, Sending.UNDONE) not in NEVER_LEFT:
        raise Refused("reply.written_anew")
    return await open_with(asked, forms.ReplyDraft(key=key, text=message.text, again=message.id))


async def decide(asked: Asked) -> Answer:
    """A person settles a reply whose fate is unclear or that failed."""
    await asked.desk.decide(asked.actor, MessageId(asked.value("message")), asked.value("decision"))
    return Done(answer(asked.reader, "tell.decided"))


async def send_to_customer(asked: Asked) -> Answer:
    """The message shortcut: the reply form with a thread message's words and files in it."""
    message = asked.action.message
    if message is None:
        raise Refused("no_card")
    ticket = await asked.house.ticket_at(asked.action.who, message.place, message.card)
    if ticket is None:
        raise Refused("no_card")
    asked = replace(asked, action=replace(asked.action, ticket=ticket))
    source = source_of(asked.action.who, message.place, message.reference)
    draft = forms.ReplyDraft(key=new_id(), text=message.text, along=message.files, source=source)
    return await open_with(asked, draft)


HANDLERS: Mapping[str, Entitled] = {
    "reply": Entitled(open_reply, word=Word(ticket=True, opens=True)),
    "form.send.template": Entitled(choose_template, form=True),
    "form.send.when": Entitled(choose_time, form=True),
    "form.send.find": Entitled(find_template, form=True),
    "form.send.conversation": Entitled(choose_conversation, form=True),
    "form.send.language": Entitled(choose_template, form=True),
    "form.send.preview": Entitled(preview, form=True),
    "send": Entitled(send, form=True),
    "send_to_customer": Entitled(send_to_customer),
    "undo": Entitled(undo),
    "edit_again": Entitled(edit_again),
    "decide": Entitled(decide),
}
