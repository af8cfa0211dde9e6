"""Looks whether a LINE account works: token, webhook address, and how much of the monthly quota is left."""

from collections.abc import Mapping
from typing import Any

from connectors.contract import Health
from connectors.social.line_api import LineApi
from connectors.social.line_config import LineConfig
from routing.errors import MadoguchiError, NeedsAttention

_CONSOLE = "LINE Developers Console, Messaging API tab"


async def examine(api: LineApi, config: LineConfig, webhook_url: str) -> Health:
    """What is wrong first, with what to do about it; the quota whenever LINE tells it."""
    try:
        account = await api.get("/v2/bot/info")
        endpoint = await api.get("/v2/bot/channel/webhook/endpoint")
        quota = await api.get("/v2/bot/message/quota")
        used = await api.get("/v2/bot/message/quota/consumption")
    except NeedsAttention as refusal:
        return Health(ok=False, summary=str(refusal), mend=f"Copy channel ID, secret and token anew: {_CONSOLE}.")
    except MadoguchiError as failure:
        return Health(ok=False, summary=str(failure), mend="Look again in some minutes; see also LINE's status page.")
    facts = {
        "account": f"{account.get('displayName', '')} {account.get('basicId', '')}".strip(),
        "webhook": str(endpoint.get("endpoint", "")),
        "quota": _quota(quota, used),
    }
    summary, mend = _fault(account, endpoint, config, webhook_url)
    return Health(ok=not summary, summary=summary or "LINE works", mend=mend, facts=facts)


def _fault(
    account: Mapping[str, Any], endpoint: Mapping[str, Any], config: LineConfig, webhook_url: str
) -> tuple[str, str]:
    if config.bot_user_id and account.get("userId") != config.bot_user_id:
        return "The token belongs to another LINE account", f"Its user ID is {account.get('userId')}: correct either."
    if endpoint.get("endpoint") != webhook_url:
        return "LINE sends its webhooks elsewhere", f"Set the webhook URL to {webhook_url}: {_CONSOLE}."
    if endpoint.get("active") is not True:
        return "LINE's webhooks are switched off", f"Turn on “Use webhook”: {_CONSOLE}."
    return "", ""


def _quota(quota: Mapping[str, Any], used: Mapping[str, Any]) -> str:
    total = quota.get("value") if quota.get("type") == "limited" else "∞"
    return f"{used.get('totalUsage', '?')} / {total}"
