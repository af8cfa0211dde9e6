"""A group reply in chat: choosing and writing, reviewing, confirming by the number, taking all of it back."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import refusal_words
from bot.cards.group_forms import GroupDraft, group_form, held_form, review_form, undone_form
from bot.cards.template_forms import TEXT
from bot.surface import Answer, FieldErrors
from routing.desk.grouping import NewGroup
from routing.errors import Refused
from routing.ids import TicketId, new_id
from routing.leases import others_writing

MOST_OFFERED = 99
_NUMBER = re.compile(r"\d{1,15}")
_FIELD = {"group.no_number": "numbers", "group.nobody": "query", "group.too_many": "query", "group.count": "count"}


async def open_group(asked: Asked) -> Answer:
    return await _form(asked, GroupDraft({asked.desk.policy.language: ""}))


async def _form(asked: Asked, draft: GroupDraft) -> Answer:
    templates = [one.template for one in await asked.desk.templates()]
    return group_form(draft, templates[:MOST_OFFERED], asked.reader)


def _draft(asked: Asked) -> GroupDraft:
    value = asked.value
    languages = [one for one in value("languages").split(",") if one]
    return GroupDraft(
        texts={language: value(f"{TEXT}{language}") for language in languages},
        query=value("query"),
        numbers=value("numbers"),
        template=value("template"),
        closing="close" in value("after").split(","),
    )


async def use_template(asked: Asked) -> Answer:
    """The form again with the template's texts, blanks and all: they are filled for each ticket."""
    draft = _draft(asked)
    template = await asked.desk.template_named(draft.template)
    if template is None:
        return await _form(asked, draft)
    return await _form(asked, replace(draft, texts=dict(template.texts)))


async def review(asked: Asked) -> Answer:
    """Who would get it and who would not. What is written is kept with the review, for it may be long."""
    draft, who = _draft(asked), asked.action.who
    try:
        tickets = await _chosen(asked, draft)
        new = NewGroup(
            id=new_id(),
            tickets=tickets,
            chosen=" ".join(one for one in (draft.query.strip(), draft.numbers.strip()) if one),
            texts=draft.texts,
            template=draft.template,
            closing=draft.closing,
            workspace=who.workspace,
            user=who.user,
            writing=await others_writing(asked.house.leases, tickets, asked.agent.id),
        )
        found = await asked.desk.review_group(asked.actor, new)
    except Refused as refusal:
        return FieldErrors({_field(refusal, draft): refusal_words(asked.reader, refusal)})
    keep = {"query": draft.query[:1000], "numbers": draft.numbers[:1000]}
    return review_form(found, asked.desk.accounts, asked.reader, keep)


def _field(refusal: Refused, draft: GroupDraft) -> str:
    if refusal.key.startswith("template."):
        return f"{TEXT}{refusal.values['tag']}"
    if refusal.key == "group.no_text":
        return f"{TEXT}{next(iter(draft.texts), '')}"
    return _FIELD.get(refusal.key, "query" if refusal.key.startswith("query.") else "")


async def _chosen(asked: Asked, draft: GroupDraft) -> list[TicketId]:
    """The tickets looked for and those named by number; a number that there is not is told."""
    numbers = list(dict.fromkeys(int(one) for one in _NUMBER.findall(draft.numbers)))
    reach = await asked.reach()
    known = await asked.desk.tickets_numbered(reach, numbers)
    if unknown := [f"#{one}" for one in numbers if one not in known]:
        raise Refused("group.no_number", numbers=", ".join(unknown[:10]))
    found = await asked.desk.tickets_found(reach, draft.query) if draft.query.strip() else []
    return list(dict.fromkeys((*known.values(), *found)))


async def edit_again(asked: Asked) -> Answer:
    """Back from the review to what was written."""
    group = (await asked.desk.group_report(asked.value("group"))).group
    if group.agent != asked.agent.id:
        raise Refused("not_allowed")
    draft = GroupDraft(group.texts, asked.value("query"), asked.value("numbers"), group.template, group.closing)
    return await _form(asked, draft)


async def send(asked: Asked) -> Answer:
    """Confirmed by typing how many: it is held for its undo time."""
    try:
        group = await asked.desk.confirm_group(asked.actor, asked.value("group"), asked.value("count"))
    except Refused as refusal:
        return FieldErrors({_FIELD.get(refusal.key, ""): refusal_words(asked.reader, refusal)})
    seconds = max(0, round((group.held_until - asked.house.clock()).total_seconds()))
    return held_form(group.id, group.count, seconds, asked.reader)


async def undo(asked: Asked) -> Answer:
    await asked.desk.undo_group(asked.actor, asked.value("group"))
    return undone_form(asked.reader)


HANDLERS: Mapping[str, Entitled] = {
    "group_reply": Entitled(open_group, form=True, word=Word(also=("group",), opens=True)),
    "group_template": Entitled(use_template, form=True),
    "group_review": Entitled(review, form=True),
    "group_edit": Entitled(edit_again, form=True),
    "group_send": Entitled(send, form=True),
    "group_undo": Entitled(undo, form=True),
}
