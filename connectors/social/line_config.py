"""What an account of LINE needs to be told; the set-up form and the configuration file are checked against it."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator

from connectors.http import secure_base

BaseAddress = Annotated[str, AfterValidator(secure_base)]


class LineConfig(BaseModel):
    """One LINE Official Account with the Messaging API switched on."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    channel_id: str = Field(title="Channel ID", description="LINE Developers Console, Basic settings", min_length=1)
    channel_secret: SecretStr = Field(
        title="Channel secret", description="LINE Developers Console, Basic settings", min_length=1
    )
    access_token: SecretStr | None = Field(
        default=None,
        title="Channel access token",
        description="Leave empty: tokens that live 15 minutes are then fetched with the channel ID and secret",
    )
    bot_user_id: str = Field(
        default="", title="Your user ID", description="Basic settings; if given, webhooks for another are refused"
    )
    name: str = Field(default="", title="Name", description="As whom the team answers, shown in the reply form")
    show_agent_name: bool = Field(
        default=False, title="Show the agent's name", description="Customers see the first 20 characters of it"
    )
    body_limit: int = Field(default=1024 * 1024, ge=1024, title="Longest webhook in bytes")
    attachment_limit: int = Field(
        default=50 * 1024 * 1024, ge=1024, title="Largest file in bytes", description="Larger ones are not fetched"
    )
    api_base: BaseAddress = Field(default="https://api.line.me", title="API address")
    data_base: BaseAddress = Field(default="https://api-data.line.me", title="Content address")

    @field_validator("bot_user_id")
    @classmethod
    def _is_a_user_id(cls, value: str) -> str:
        if value and not re.fullmatch(r"U[0-9a-f]{32}", value):
            raise ValueError("must be U and 32 hexadecimal digits, or empty")
        return value
