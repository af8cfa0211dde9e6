"""Reads the organisation's own fields of tickets."""

from bot.configuration.reading import Reader
from bot.configuration.shape import FieldSection
from routing.own_fields import FieldKind, OwnField

MOST_FIELDS = 50
_LONGEST_TITLE = 60
_LONGEST_OPTION = 75


def read_own_fields(reader: Reader) -> tuple[OwnField, ...]:
    found: dict[str, OwnField] = {}
    for place, section in reader.list_of("fields", FieldSection):
        if section.id in found:
            reader.problems.error((*place, "id"), "duplicate", name=section.id)
        if section.kind is FieldKind.CHOICE and not section.options:
            reader.problems.error((*place, "options"), "options_missing")
        if section.kind is not FieldKind.CHOICE and section.options:
            reader.problems.error((*place, "options"), "options_unused")
        for language, title in section.title.items():
            if not title.strip() or len(title) > _LONGEST_TITLE:
                reader.problems.error((*place, "title", language), "words_length", most=_LONGEST_TITLE)
        for index, option in enumerate(section.options):
            if not option.strip() or len(option) > _LONGEST_OPTION:
                reader.problems.error((*place, "options", index), "words_length", most=_LONGEST_OPTION)
            if option in section.options[:index]:
                reader.problems.error((*place, "options", index), "duplicate", name=option)
        found[section.id] = OwnField(
            section.id, dict(section.title), section.kind, section.options, section.required_to_close
        )
        if len(found) == MOST_FIELDS + 1:
            reader.problems.error(place, "fields_many", most=MOST_FIELDS)
    return tuple(found.values())
