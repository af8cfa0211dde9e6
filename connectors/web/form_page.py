"""Draws the contact form, its thanks and its refusals; works without JavaScript, in light and dark, on any width."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.web.form_checks import Submission
from connectors.web.form_config import ExtraField, FormConfig, in_language
from connectors.web.form_words import LANGUAGES, say, size
from connectors.web.html import Html, Value, document, joined, tag


@dataclass(frozen=True, slots=True)
class Look:
    """For whom a page is drawn. `files` is where its style and script lie, `version` what they are kept by. Addresses
    are relative, so that the form works behind a proxy that adds a path."""

    config: FormConfig
    files: str
    version: str
    language: str
    embedded: bool

    def say(self, key: str, **values: str | int) -> str:
        return say(key, self.language, **values)

    def address(self, *, language: str = "") -> str:
        return f"?lang={language or self.language}" + ("&embed=1" if self.embedded else "")


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the form, and what is wrong with it (by field; under an empty name what concerns all)."""

    token: str
    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)


def form_page(look: Look, draft: Draft) -> Html:
    config = look.config
    heading = in_language(config.heading, look.language) or look.say("heading")
    intro = in_language(config.intro, look.language) or look.say("intro", company=config.company)
    fields = [
        _line(look, draft, "name", autocomplete="name"),
        _line(look, draft, "email", kind="email", autocomplete="email", hint=look.say("email_hint")),
        _line(look, draft, "subject", required=False),
        *(_question(look, draft, one) for one in config.fields),
        _message(look, draft),
        *([_files(look, draft)] if config.files else []),
    ]
    form = tag(
        "form",
        *fields,
        _trap(look),
        tag("input", type="hidden", name="token", value=draft.token),
        tag("button", look.say("send"), type="submit", data_sending=look.say("sending")),
        _privacy(look),
        method="post",
        action=look.address(),
        enctype="multipart/form-data",
    )
    return _page(
        look, heading, joined(tag("h1", heading), tag("p", intro, class_="intro"), _summary(look, draft), form)
    )


def thanks_page(look: Look, submission: Submission) -> Html:
    config = look.config
    within = in_language(config.answer_within, look.language)
    steps = [
        look.say("next_read"),
        look.say("next_answer", email=submission.email),
        *([look.say("next_within", time=within)] if within else []),
    ]
    sent = [
        (look.say("subject"), submission.subject),
        *submission.fields,
        (look.say("message"), submission.message),
        (look.say("files"), "\n".join(one.name for one in submission.files)),
    ]
    copy = [joined(tag("dt", label), tag("dd", value)) for label, value in sent if value]
    body = joined(
        tag("h1", look.say("thanks"), class_="done"),
        tag("p", look.say("thanks_body", company=config.company), class_="intro"),
        tag("h2", look.say("next")),
        tag("ol", *(tag("li", step) for step in steps), class_="steps"),
        tag("p", look.say("next_missing"), class_="hint"),
        tag("details", tag("summary", look.say("copy")), tag("dl", *copy)),
        tag("p", tag("a", look.say("again"), href=look.address())),
    )
    return _page(look, look.say("thanks"), body)


def refusal_page(look: Look, sentence: str) -> Html:
    """For what cannot be shown in the form again, because it could not be read."""
    body = joined(
        tag("h1", look.say("heading")),
        tag("div", tag("p", sentence), class_="alert", role="alert"),
        tag("p", tag("a", look.say("again"), href=look.address())),
    )
    return _page(look, look.say("heading"), body)


def gone_page(language: str) -> Html:
    sentence = say("gone", language)
    return document(language, joined(tag("meta", charset="utf-8"), tag("title", sentence)), tag("p", sentence))


def _page(look: Look, title: str, content: Html) -> Html:
    head = joined(
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{title} · {look.config.company}"),
        tag("link", rel="stylesheet", href=f"{look.files}/form.css?v={look.version}"),
        tag("script", src=f"{look.files}/form.js?v={look.version}", defer=True),
    )
    other = next(language for language in LANGUAGES if language != look.language)
    switch = tag("a", look.say("other_language"), href=look.address(language=other), hreflang=other, lang=other)
    header = joined(tag("span", look.config.company, class_="company"), switch)
    body = joined(tag("header", header), tag("main", content))
    return document(look.language, head, tag("div", body, class_="sheet embedded" if look.embedded else "sheet"))


def _summary(look: Look, draft: Draft) -> Html:
    if not draft.faults:
        return Html("")
    about_all = [tag("p", sentence) for name, sentence in draft.faults.items() if not name]
    about_fields = [
        tag("li", tag("a", f"{_label_of(look, name)}: {sentence}", href=f"#{name}"))
        for name, sentence in draft.faults.items()
        if name
    ]
    listed = joined(tag("p", look.say("error_summary")), tag("ul", *about_fields)) if about_fields else ""
    return tag("div", *about_all, listed, class_="alert", role="alert", tabindex="-1", autofocus=True)


def _label_of(look: Look, name: str) -> str:
    own = next((in_language(one.label, look.language) for one in look.config.fields if one.name == name), "")
    return own or look.say(name)


def _line(
    look: Look,
    draft: Draft,
    name: str,
    *,
    kind: str = "text",
    autocomplete: str = "",
    required: bool = True,
    hint: str = "",
    longest: int = 200,
) -> Html:
    control = tag(
        "input",
        type=kind,
        id=name,
        name=name,
        value=draft.values.get(name, ""),
        maxlength=longest,
        autocomplete=autocomplete,
        required=required,
        **_told(draft, name, hint),
    )
    return _field(look, draft, name, control, required=required, hint=hint)


def _message(look: Look, draft: Draft) -> Html:
    control = tag(
        "textarea",
        # A line break right after the opening tag is not part of the value; this one protects one that is.
        joined("\n", draft.values.get("message", "")),
        id="message",
        name="message",
        rows=8,
        maxlength=look.config.text_limit,
        required=True,
        **_told(draft, "message"),
    )
    return _field(look, draft, "message", control, required=True)


def _question(look: Look, draft: Draft, question: ExtraField) -> Html:
    name, written = question.name, draft.values.get(question.name, "")
    common: dict[str, Value] = {"id": name, "name": name, "required": question.required, **_told(draft, name)}
    match question.kind:
        case "text" | "tel":
            return _line(look, draft, name, kind=question.kind, required=question.required, longest=question.longest)
        case "textarea":
            control = tag("textarea", joined("\n", written), rows=4, maxlength=question.longest, **common)
        case "select":
            options = [tag("option", one, value=one, selected=one == written) for one in question.options]
            control = tag("select", Html(f'<option value="">{look.say("choose")}</option>'), *options, **common)
        case "checkbox":
            box = tag("input", type="checkbox", value="yes", checked=bool(written), **common)
            return _field(look, draft, name, box, required=question.required, beside=True)
    return _field(look, draft, name, control, required=question.required)


def _files(look: Look, draft: Draft) -> Html:
    config = look.config
    sizes = {"file_size": size(config.file_bytes), "total_size": size(config.total_bytes)}
    hint = look.say("files_hint", files=config.files, **sizes)
    control = tag(
        "input", type="file", id="files", name="files", multiple=config.files > 1, **_told(draft, "files", hint)
    )
    return _field(look, draft, "files", control, required=False, hint=hint)


def _field(
    look: Look, draft: Draft, name: str, control: Html, *, required: bool, hint: str = "", beside: bool = False
) -> Html:
    must = tag("span", look.say("required" if required else "optional"), class_="must" if required else "may")
    label = tag("label", tag("span", _label_of(look, name)), " ", must, for_=name)
    fault = draft.faults.get(name, "")
    return tag(
        "div",
        joined(control, label) if beside else label,
        tag("p", hint, id=f"{name}-hint", class_="hint") if hint else "",
        tag("p", fault, id=f"{name}-fault", class_="fault") if fault else "",
        "" if beside else control,
        class_=" ".join(("field", "beside" * beside, "wrong" * bool(fault))).strip(),
    )


def _told(draft: Draft, name: str, hint: str = "") -> dict[str, str]:
    """What a screen reader says of a control beside its label."""
    wrong = name in draft.faults
    by = [f"{name}-hint"] * bool(hint) + [f"{name}-fault"] * wrong
    return {"aria_describedby": " ".join(by), "aria_invalid": "true" if wrong else ""}


def _trap(look: Look) -> Html:
    """A field that people neither see nor reach, and programs fill in."""
    label = tag("label", look.say("website"), for_="website")
    control = tag("input", type="text", id="website", name="website", tabindex="-1", autocomplete="off")
    return tag("div", label, control, class_="aside", aria_hidden="true")


def _privacy(look: Look) -> Html:
    if not look.config.privacy_url:
        return Html("")
    link = tag("a", look.say("privacy"), href=look.config.privacy_url, target="_blank", rel="noopener")
    return tag("p", link, class_="hint")
