"""Templates in chat: the list with its figures, making and changing one, trying it on a ticket, putting it away."""

from collections.abc import Mapping
from dataclasses import replace

from bot.actions.context import Asked, Entitled, Word
from bot.cards.entries import refusal_words
from bot.cards.model import Option
from bot.cards.template_forms import TEXT, Scope, Sheet, Shelf, configured_form, template_form, templates_form
from bot.cards.words import LANGUAGES
from bot.surface import Answer, FieldErrors
from routing.agents import Permission, may
from routing.errors import Refused
from routing.ids import RoomId, new_id
from routing.templates import TemplateDraft, check_language, check_text, fill, matches

_FIELD = {
    "template.no_title": "title",
    "template.title_long": "title",
    "template.title_taken": "title",
    "template.language": "language",
}


async def show_list(asked: Asked) -> Answer:
    """The templates in use (or those put away), by words and page by page."""
    archived = asked.value("archived") == "yes"
    if "archived_too" in asked.action.values:
        archived = asked.value("archived_too") == "yes"
    return await _list(asked, archived=archived)


async def _list(asked: Asked, *, archived: bool = False, told: str = "") -> Answer:
    words = asked.value("words")
    found = [one for one in await asked.desk.templates(archived=archived) if matches(one.template, words)]
    shelf = Shelf(
        templates=found,
        page=_whole(asked.value("page")),
        words=words,
        archived=archived,
        manages=may(asked.agent, Permission.MANAGE),
        ticket=asked.action.ticket,
        told=told,
    )
    return templates_form(shelf, asked.reader)


def _whole(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


async def open_new(asked: Asked) -> Answer:
    languages = dict.fromkeys((asked.desk.policy.language, *LANGUAGES), "")
    return await _sheet(asked, Sheet(new_id(), texts=languages, number=await _number(asked)))


async def open_one(asked: Asked) -> Answer:
    """The form of a template; one from the configuration is only shown."""
    known = await asked.desk.template(asked.value("template"))
    template = known.template
    if template.configured:
        return configured_form(known, asked.action.ticket, asked.reader)
    sheet = Sheet(
        template.id,
        template.version,
        template.title,
        template.texts,
        tuple(sorted(template.channels)),
        tuple(sorted(template.rooms)),
        number=await _number(asked),
    )
    return await _sheet(asked, sheet)


async def _number(asked: Asked) -> str:
    """The number of the ticket whose card this was opened from."""
    return str((await asked.desk.view(asked.action.ticket)).ticket.number) if asked.action.ticket else ""


async def _sheet(asked: Asked, sheet: Sheet) -> Answer:
    known = await asked.desk.template(sheet.template) if sheet.seen else None
    return template_form(sheet, known, _scope(asked), asked.action.ticket, asked.reader)


def _scope(asked: Asked) -> Scope:
    accounts, language = asked.desk.accounts, asked.reader.language
    channels = [Option(one, accounts.look_of(one).title_in(language)) for one in accounts.answering_channels()]
    return Scope(channels, [Option(room.id, room.name) for room in asked.house.rooms.values()])


def _written(asked: Asked) -> Sheet:
    """What stands in the form."""
    value = asked.value
    languages = [one for one in value("languages").split(",") if one]
    return Sheet(
        template=value("template"),
        seen=_whole(value("seen")),
        title=value("title"),
        texts={language: value(f"{TEXT}{language}") for language in languages},
        channels=tuple(one for one in value("channels").split(",") if one),
        rooms=tuple(one for one in value("rooms").split(",") if one),
        number=value("number").strip().removeprefix("#"),
    )


async def add_language(asked: Asked) -> Answer:
    """The form again with a field for one more language."""
    sheet, language = _written(asked), asked.value("language").strip()
    check_language(language)
    return await _sheet(asked, replace(sheet, texts={**sheet.texts, language: sheet.texts.get(language, "")}))


async def preview(asked: Asked) -> Answer:
    """The form again, with each text as the customer of the ticket named (or of an example) would get it."""
    sheet = _written(asked)
    for language, text in sheet.texts.items():
        check_text(language, text)
    values = await _example(asked, sheet.number)
    filled = {language: fill(text, values) for language, text in sheet.texts.items() if text.strip()}
    return await _sheet(asked, replace(sheet, preview=filled))


async def _example(asked: Asked, number: str) -> dict[str, str]:
    if not number:
        say = asked.reader.say
        return {
            "contact.name": say("form.template.example_name"),
            "contact.address": "customer@example.com",
            "ticket.number": "1042",
            "ticket.subject": say("form.template.example_subject"),
            "agent.name": asked.agent.name,
            "organisation.name": asked.desk.policy.name,
        }
    ticket = await asked.desk.ticket_numbered(await asked.reach(), _whole(number))
    return asked.desk.blanks(await asked.desk.view(ticket.id), asked.agent)


async def save(asked: Asked) -> Answer:
    """Keeps the template. When somebody else changed it meanwhile, theirs is shown above what was written."""
    sheet = _written(asked)
    known_rooms = [RoomId(one) for one in sheet.rooms if one in asked.house.rooms]
    draft = TemplateDraft(sheet.title, sheet.texts, frozenset(sheet.channels), frozenset(known_rooms))
    try:
        template = await asked.desk.write_template(asked.actor, sheet.template, sheet.seen, draft)
    except Refused as refusal:
        if refusal.key == "template.changed":
            words = refusal_words(asked.reader, refusal)
            return await _sheet(asked, replace(sheet, seen=int(refusal.values["version"]), overtaken=words))
        return FieldErrors({_field(refusal): refusal_words(asked.reader, refusal)})
    return await _list(asked, archived=template.archived, told=_told(asked, "form.templates.saved", template.title))


def _field(refusal: Refused) -> str:
    return _FIELD.get(refusal.key) or (f"{TEXT}{refusal.values['tag']}" if "tag" in refusal.values else "")


async def put_away(asked: Asked) -> Answer:
    away = asked.value("away") == "yes"
    template = await asked.desk.put_template_away(asked.actor, asked.value("template"), away=away)
    key = "form.templates.archived" if away else "form.templates.restored"
    return await _list(asked, told=_told(asked, key, template.title))


def _told(asked: Asked, key: str, title: str) -> str:
    return asked.reader.say(key, title=title)


HANDLERS: Mapping[str, Entitled] = {
    "templates": Entitled(show_list, form=True, word=Word(also=("template",), opens=True)),
    "template_new": Entitled(open_new, Permission.MANAGE, form=True),
    "template_edit": Entitled(open_one, Permission.MANAGE, form=True),
    "template_language": Entitled(add_language, Permission.MANAGE, form=True),
    "template_preview": Entitled(preview, Permission.MANAGE, form=True),
    "template_save": Entitled(save, Permission.MANAGE, form=True),
    "template_archive": Entitled(put_away, Permission.MANAGE, form=True),
}
