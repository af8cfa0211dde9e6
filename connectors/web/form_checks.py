"""Judges a filled-in form: what is wrong with which field, or the submission that may be kept."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.text import one_line
from connectors.web.form_config import ExtraField, FormConfig, in_language
from connectors.web.form_sheet import File, Sheet
from connectors.web.form_words import say, size

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that is in order. `fields` are the answers to further questions: label and value."""

    name: str
    email: str
    subject: str
    message: str
    language: str
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[File, ...] = ()

    def digest(self) -> str:
        """The same for the same words and files."""
        files = [(one.name, hashlib.sha256(one.content).hexdigest()) for one in self.files]
        said = [self.name, self.email, self.subject, self.message, list(self.fields), files]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(slots=True)
class Faults:
    """What is wrong, by field; what concerns no field in particular stands under an empty name."""

    by_field: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, sentence: str) -> None:
        self.by_field.setdefault(name, sentence)


def check(sheet: Sheet, config: FormConfig, language: str, own_addresses: frozenset[str]) -> Submission | Faults:
    faults = Faults()
    values = {name: sheet.values.get(name, "").strip() for name in ("name", "email", "subject", "message")}
    # In the order in which the page shows them, since so they are listed above it.
    _check_line(faults, "name", values["name"], language)
    email = _check_address(faults, values["email"], language, own_addresses)
    _check_line(faults, "subject", values["subject"], language, required=False)
    answers = [_answer(faults, one, sheet.values.get(one.name, "").strip(), language) for one in config.fields]
    _check_message(faults, values["message"], config, language)
    _check_files(faults, sheet, config, language)
    if faults.by_field or email is None:
        return faults
    return Submission(
        name=one_line(values["name"]),
        email=email,
        subject=one_line(values["subject"]),
        message=values["message"],
        language=language,
        fields=tuple(answer for answer in answers if answer[1]),
        files=tuple(sheet.files),
    )


def as_address(written: str) -> str | None:
    """The mail address, with full-width letters and digits made plain and its domain as the DNS writes it."""
    plain = unicodedata.normalize("NFKC", written).strip()
    local, _, domain = plain.rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode() if domain else ""
    except UnicodeError:
        return None
    labels = ascii_domain.split(".")
    sound = (
        _LOCAL.fullmatch(local)
        and len(labels) >= 2
        and all(_DOMAIN_LABEL.fullmatch(label) for label in labels)
        and not labels[-1].isdigit()
        and len(local) + len(ascii_domain) < 254
    )
    return f"{local}@{ascii_domain.lower()}" if sound else None


def _check_line(faults: Faults, name: str, value: str, language: str, *, required: bool = True) -> None:
    if required and not value:
        faults.note(name, say("error_required", language))
    elif len(value) > _LONGEST_LINE:
        faults.note(name, say("error_long", language, most=_LONGEST_LINE))


def _check_address(faults: Faults, value: str, language: str, own_addresses: frozenset[str]) -> str | None:
    email = as_address(value)
    if not value:
        faults.note("email", say("error_required", language))
    elif email is None:
        faults.note("email", say("error_email", language))
    elif email.casefold() in own_addresses:
        faults.note("email", say("error_own_address", language))
    return email


def _check_message(faults: Faults, value: str, config: FormConfig, language: str) -> None:
    if not value:
        faults.note("message", say("error_required", language))
    elif len(value) > config.text_limit:
        faults.note("message", say("error_long", language, most=config.text_limit))


def _answer(faults: Faults, question: ExtraField, value: str, language: str) -> tuple[str, str]:
    if question.required and not value:
        faults.note(question.name, say("error_required", language))
    elif len(value) > question.longest:
        faults.note(question.name, say("error_long", language, most=question.longest))
    elif value and question.kind == "select" and value not in question.options:
        faults.note(question.name, say("error_choice", language))
    shown = say("yes", language) if value and question.kind == "checkbox" else value
    if question.kind != "textarea":
        shown = one_line(shown)
    return in_language(question.label, language), shown


def _check_files(faults: Faults, sheet: Sheet, config: FormConfig, language: str) -> None:
    if sheet.files and not config.files:
        faults.note("files", say("error_files_none", language))
    elif len(sheet.files) > config.files:
        faults.note("files", say("error_files_many", language, files=config.files))
    elif sheet.too_large:
        large = size(config.file_bytes)
        faults.note("files", say("error_file_large", language, name=sheet.too_large[0], file_size=large))
    elif sheet.files_total > config.total_bytes:
        faults.note("files", say("error_files_large", language, total_size=size(config.total_bytes)))


def as_stored(submission: Submission, submit: str, files: list[Mapping[str, Any]]) -> bytes:
    """The delivery's body: everything that reading needs, with files by the names of their bytes."""
    told = {
        "submit": submit,
        "name": submission.name,
        "email": submission.email,
        "subject": submission.subject,
        "message": submission.message,
        "language": submission.language,
        "fields": [{"label": label, "value": value} for label, value in submission.fields],
        "files": files,
    }
    return json.dumps(told, ensure_ascii=False).encode()
