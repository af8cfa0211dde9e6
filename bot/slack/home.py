"""Draws a person's Home as the view of Slack's Home tab (https://docs.slack.dev/surfaces/app-home)."""

from bot.cards.home_model import Home, Menu, Row
from bot.cards.model import plain
from bot.slack.blocks import said
from bot.slack.buttons import LONGEST_LABEL, MENU, MOST_IN_SELECT, label, rows, sealed
from bot.slack.rich import LONGEST_ADDRESS, Allowance, Json, section
from bot.slack.seal import Seal
from bot.slack.texts import one_line

MOST_BLOCKS = 100
MOST_ROWS = 20
MOST_TEXT = 30_000
LONGEST_HEADER = 150
OPEN = "open_card"


def draw_home(home: Home, seal: Seal) -> Json:
    """A view for views.publish. It never has more blocks than Slack takes, whatever the model holds."""
    allowance = Allowance(MOST_TEXT)
    title = {"type": "plain_text", "text": allowance.cut(one_line(plain(home.title)), LONGEST_HEADER) or "–"}
    blocks: list[Json] = [{"type": "header", "text": title}, *said(home.figures, allowance)]
    blocks += rows(home.buttons, seal, name="begin")
    blocks += rows([tab.button for tab in home.tabs], seal, name="tabs")
    if home.menus:
        menus = [_menu(menu, place, seal) for place, menu in enumerate(home.menus)]
        blocks.append({"type": "actions", "block_id": "filters", "elements": menus})
    if home.tabs:
        blocks.append({"type": "divider"})
    for row in home.rows[:MOST_ROWS]:
        blocks += _row(row, seal, allowance)
    if not home.rows and home.empty:
        blocks += said((home.empty,), allowance)
    if home.position:
        words = {"type": "plain_text", "text": allowance.cut(one_line(plain(home.position)), LONGEST_HEADER) or "–"}
        blocks.append({"type": "context", "elements": [words]})
    blocks += rows(home.pages, seal, name="pages")
    return {"type": "home", "blocks": blocks[:MOST_BLOCKS]}


def _menu(menu: Menu, place: int, seal: Seal) -> Json:
    options = [
        {"text": label(option.label, LONGEST_LABEL), "value": sealed(option, seal)}
        for option in menu.options[:MOST_IN_SELECT]
    ]
    drawn: Json = {
        "type": "static_select",
        "action_id": f"{MENU}{place}",
        "placeholder": label(menu.label, 150),
        "options": options,
    }
    if menu.chosen < len(options):
        drawn["initial_option"] = options[menu.chosen]
    return drawn


def _row(row: Row, seal: Seal, allowance: Allowance) -> list[Json]:
    """A ticket's lines, and below them its buttons; what a press on the link tells us needs no answer."""
    lines = {"type": "rich_text", "elements": [section(row.title, allowance), section(row.about, allowance)]}
    elements: list[Json] = []
    if 0 < len(row.address) <= LONGEST_ADDRESS:
        text = label(row.open_label, LONGEST_LABEL)
        elements.append({"type": "button", "action_id": OPEN, "text": text, "url": row.address})
    elements += [element for block in rows(row.buttons, seal) for element in block["elements"]]
    if not elements:
        return [lines]
    return [lines, {"type": "actions", "block_id": f"ticket{row.name[:200]}", "elements": elements}]
