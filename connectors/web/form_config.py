"""What a contact form needs to be told; the set-up form and the configuration file are checked against it."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from yarl import URL

from connectors.sizes import Size

Language = Literal["en", "ja"]
Words = str | dict[Language, str]

OWN_FIELDS = frozenset({"name", "email", "subject", "message", "files", "website", "token"})


def in_language(words: Words, language: str) -> str:
    """The words in that language, else in any."""
    if isinstance(words, str):
        return words
    return next((said for key, said in words.items() if key == language), next(iter(words.values()), ""))


def _origin(address: str) -> str:
    url = URL(address)
    origin = f"{url.scheme}://{url.raw_authority}"
    # What goes through here becomes part of a header.
    if (
        not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?", origin)
        or url.path not in ("", "/")
        or url.query_string
    ):
        raise ValueError("must be an origin such as https://www.example.com")
    return origin


def _web_address(address: str) -> str:
    if address and URL(address).scheme not in ("https", "http"):
        raise ValueError("must begin with https://")
    return address


class ExtraField(BaseModel):
    """A question of the company's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    label: Words
    kind: Literal["text", "tel", "textarea", "select", "checkbox"] = "text"
    required: bool = False
    options: tuple[str, ...] = ()
    longest: int = Field(default=500, ge=1, le=5000)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.name in OWN_FIELDS:
            raise ValueError(f"{self.name} is one of the form's own fields")
        if (self.kind == "select") != bool(self.options):
            raise ValueError("a select needs options, and nothing else has them")
        return self


class FormConfig(BaseModel):
    """One contact form."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    answer_from: str = Field(title="Answer from", description="The mail account that sends the answers", min_length=1)
    company: str = Field(title="Company", description="Who receives the message: shown to the writer", min_length=1)
    heading: Words = Field(default="", title="Heading")
    intro: Words = Field(default="", title="Words above the form")
    answer_within: Words = Field(default="", title="Answered within", description="Shown after sending: 1 business day")
    language: Language = Field(default="en", title="Language", description="For those whose browser asks for neither")
    accent: str = Field(default="#2456a6", title="Colour", pattern=re.compile(r"^#[0-9a-fA-F]{6}$"))
    privacy_url: Annotated[str, AfterValidator(_web_address)] = Field(default="", title="Privacy policy")
    fields: tuple[ExtraField, ...] = Field(default=(), title="Further questions", max_length=20)
    allowed_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        default=(), title="Web sites", description="That may embed the form or post to it: https://www.example.com"
    )
    files: int = Field(default=5, ge=0, le=20, title="Most files")
    file_bytes: Size = Field(default=10 * 1024 * 1024, ge=1, title="Largest file")
    total_bytes: Size = Field(default=20 * 1024 * 1024, ge=1, title="All files together")
    text_limit: int = Field(default=10_000, ge=100, le=100_000, title="Longest message in characters")
    fastest: int = Field(default=2, ge=0, le=60, title="Seconds to fill it in", description="Faster ones are programs")
    per_address: int = Field(default=10, ge=1, title="Messages from one address in ten minutes")
    per_form: int = Field(default=300, ge=1, title="Messages in ten minutes")
    json_needs_token: bool = Field(
        default=True, title="JSON needs a token", description="Off: programs may post without fetching one first"
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [one.name for one in self.fields]
        if len(set(names)) != len(names):
            raise ValueError("two further questions have the same name")
        return self
