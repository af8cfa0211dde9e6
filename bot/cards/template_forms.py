"""Draws the list of templates and the form in which a manager makes or changes one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.cards.model import (
    Button,
    Checks,
    Confirm,
    Field,
    Form,
    FormButtons,
    Line,
    Moment,
    Option,
    Plain,
    Quote,
    Said,
    Strong,
    Style,
    TextInput,
)
from bot.cards.parts import Reader
from routing.desk.templating import Shelved
from routing.ids import TicketId
from routing.templates import LONGEST_TITLE, Template, Usage

PAGE = 8
GLANCE = 120
TEXT = "text_"  # what the field of each language begins with


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of the list. `words` are looked for; `archived`: those that were put away are shown. `ticket` is the one
    whose card it was opened from, `told` what just happened."""

    templates: Sequence[Shelved]
    ticket: TicketId
    page: int = 0
    words: str = ""
    archived: bool = False
    manages: bool = False
    told: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.templates) // PAGE))


def templates_form(shelf: Shelf, reader: Reader) -> Form:
    page = min(max(shelf.page, 0), shelf.pages - 1)
    shown = shelf.templates[page * PAGE : (page + 1) * PAGE]
    fields: list[Field] = [Said(lines=((Strong(shelf.told),),))] if shelf.told else []
    fields.append(TextInput("words", reader.say("form.templates.words"), shelf.words, optional=True))
    for one in shown:
        fields += _listed(one, shelf, reader)
    if not shown:
        fields.append(Said(lines=(reader.line("form.templates.none"),)))
    fields.append(FormButtons(tuple(_steps(shelf, page, reader))))
    return Form(
        name="templates",
        title=reader.say("form.templates.archive" if shelf.archived else "form.templates.title"),
        fields=tuple(fields),
        ticket=shelf.ticket,
        submit=reader.say("button.find"),
        cancel=reader.say("button.cancel"),
        keep={"archived": "yes"} if shelf.archived else {},
    )


def _listed(one: Shelved, shelf: Shelf, reader: Reader) -> list[Field]:
    template = one.template
    text = " ".join(next(iter(template.texts.values()), "").split())
    glance = text if len(text) <= GLANCE else text[:GLANCE].rstrip() + "…"
    lines: list[Line] = [
        (Strong(template.title), Plain(f" · {', '.join(template.texts)}{_origin(template, reader)}")),
        (Plain(glance),),
        _figures(one.usage, reader),
    ]
    fields: list[Field] = [Said(lines=tuple(lines))]
    if shelf.manages:
        label = reader.say("button.template_show" if template.configured else "button.template_edit")
        fields.append(FormButtons((Button("template_edit", label, shelf.ticket, values={"template": template.id}),)))
    return fields


def _origin(template: Template, reader: Reader) -> str:
    return f" · {reader.say('form.templates.configured')}" if template.configured else ""


def _figures(usage: Usage, reader: Reader) -> Line:
    if usage.last_used_at is None:
        return reader.line("form.templates.unused")
    words = reader.say("form.templates.used", used=usage.used, agents=usage.agents, changed=usage.changed)
    return (Plain(f"{words} "), Moment(usage.last_used_at))


def _steps(shelf: Shelf, page: int, reader: Reader) -> list[Button]:
    def to(label: str, **values: str) -> Button:
        return Button("templates", reader.say(label), shelf.ticket, values=values)

    buttons: list[Button] = []
    if shelf.manages:
        buttons.append(Button("template_new", reader.say("button.template_new"), shelf.ticket, style=Style.PRIMARY))
    if page > 0:
        buttons.append(to("button.page_before", page=str(page - 1)))
    if page + 1 < shelf.pages:
        buttons.append(to("button.page_after", page=str(page + 1)))
    away = "" if shelf.archived else "yes"
    buttons.append(Button("group_reply", reader.say("button.group_reply"), shelf.ticket))
    buttons.append(to("button.templates_in_use" if shelf.archived else "button.templates_archived", archived_too=away))
    return buttons


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the form of one template holds. `seen` is the version it was opened with (0: a new one); `number` the ticket
    that its blanks are filled from, `preview` the filled texts by language."""

    template: str
    seen: int = 0
    title: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    number: str = ""
    preview: Mapping[str, str] = field(default_factory=dict)
    overtaken: str = ""
    redrawn: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which channels and rooms there are to choose from, each with its name."""

    channels: Sequence[Option]
    rooms: Sequence[Option]


def template_form(sheet: Sheet, known: Shelved | None, scope: Scope, ticket: TicketId, reader: Reader) -> Form:
    """The form of a template that may be changed; `known` is None for a new one."""
    fields: list[Field] = []
    if sheet.overtaken:
        fields.append(Said(lines=((Strong(sheet.overtaken),),)))
        texts = known.template.texts.values() if known else ()
        fields += [Said(quote=Quote(text)) for text in texts]
    if known is not None:
        fields.append(Said(lines=(_version(known, reader), _figures(known.usage, reader))))
    fields.append(TextInput("title", reader.say("form.template.name"), sheet.title, longest=LONGEST_TITLE))
    hint = reader.say("form.template.hint")
    for language, text in sheet.texts.items():
        label = reader.say("form.template.text", tag=language)
        fields.append(TextInput(f"{TEXT}{language}", label, text, multiline=True, hint=hint, optional=True))
    fields.append(TextInput("language", reader.say("form.template.language"), optional=True))
    fields.append(FormButtons((Button("template_language", reader.say("button.template_language"), ticket),)))
    fields.append(Checks("channels", reader.say("form.template.channels"), tuple(scope.channels), sheet.channels))
    fields.append(Checks("rooms", reader.say("form.template.rooms"), tuple(scope.rooms), sheet.rooms))
    fields.append(TextInput("number", reader.say("form.template.number"), sheet.number, optional=True))
    fields.append(FormButtons((Button("template_preview", reader.say("button.preview"), ticket),)))
    for language, text in sheet.preview.items():
        fields.append(Said(lines=(reader.line("form.template.preview", tag=language),), quote=Quote(text)))
    if known is not None:
        fields.append(FormButtons((_away(known.template, ticket, reader),)))
    keep = {"template": sheet.template, "seen": str(sheet.seen), "languages": ",".join(sheet.texts)}
    return Form(
        name="template_save",
        title=reader.say("form.template.title" if known else "form.template.new"),
        fields=tuple(fields),
        ticket=ticket,
        submit=reader.say("form.template.submit"),
        cancel=reader.say("button.cancel"),
        keep=keep,
    )


def _version(known: Shelved, reader: Reader) -> Line:
    template = known.template
    who = known.changed_by.name if known.changed_by else reader.say("who.system")
    words = reader.say("form.template.version", version=template.version, who=who)
    at = template.changed_at
    return (Plain(words),) if at is None else (Plain(f"{words} "), Moment(at))


def _away(template: Template, ticket: TicketId, reader: Reader) -> Button:
    values = {"away": "" if template.archived else "yes"}
    if template.archived:
        return Button("template_archive", reader.say("button.template_restore"), ticket, values=values)
    sure = Confirm(
        reader.say("button.template_archive"),
        reader.say("form.template.archive_sure"),
        reader.say("button.template_archive"),
        reader.say("button.cancel"),
    )
    return Button(
        "template_archive",
        reader.say("button.template_archive"),
        ticket,
        style=Style.DANGER,
        confirm=sure,
        values=values,
    )


def configured_form(known: Shelved, ticket: TicketId, reader: Reader) -> Form:
    """A template from the configuration: to be read."""
    template = known.template
    fields: list[Field] = [
        Said(
            lines=((Strong(template.title),), reader.line("refused.template.configured"), _figures(known.usage, reader))
        )
    ]
    fields += [Said(lines=((Plain(language),),), quote=Quote(text)) for language, text in template.texts.items()]
    fields.append(FormButtons((Button("templates", reader.say("button.templates"), ticket),)))
    return Form(
        name="template",
        title=reader.say("form.template.title"),
        fields=tuple(fields),
        ticket=ticket,
        cancel=reader.say("button.cancel"),
    )
