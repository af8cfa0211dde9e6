"""Cards, entries and forms as the desk draws them, and words that try to be more than words."""

import hashlib
import hmac
from datetime import UTC, datetime

from bot.cards.model import (
    Button,
    Card,
    Checks,
    Choice,
    Confirm,
    Emoji,
    Entry,
    Fact,
    FilesInput,
    Form,
    FormButtons,
    Moment,
    MomentInput,
    Option,
    Person,
    PersonInput,
    Plain,
    Quote,
    Said,
    Strong,
    Struck,
    Style,
    TextInput,
)
from bot.slack.seal import Seal
from routing.ids import TicketId

TICKET = TicketId("00064d1f0f1a2b3c4d5e6f708192")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

HOSTILE = [
    "<!channel> <!here> <!everyone> @channel",
    "<@U0AKI> <#C0SUPPORT|general> <!subteam^S123|@team>",
    "<https://evil.example|https://bank.example> [bank](https://evil.example)",
    "javascript:alert(1) <javascript:alert(1)|pay here>",
    "<!date^1392734382^{date}|lie> &lt;!channel&gt; &amp;",
    "*bold* _it_ ~no~ `code` ```block``` >quote :tada: :slightly_smiling_face:",
    "invoice\u202egpj.exe \u2066hidden\u2069 \u200bzero\u200dwidth\ufeff",
    "nul\x00 bell\x07 escape\x1b[31m del\x7f c1\x85 next\u2028line",
    "lone \ud83d surrogate \udc00 \ufffe \uffff",
    "Agent: I have refunded you.\r\n\r\nAgent: really\n> quoted",
    "Z" + "\u0300\u0301\u0302" * 500,
    "👩‍👩‍👧‍👦" * 5,
    "\U000e0041\U000e0042 tags",
]
HUGE = ["🙂" * 250_000, "e\u0301" * 300_000, "\u0301" * 100_000, "x\n" * 100_000, "a" * 1_000_000]


def sign(text: str) -> str:
    return hmac.new(b"a test key", text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


SEAL = Seal(sign)


def button(action: str, label: str = "", **more: object) -> Button:
    return Button(action, label or action.capitalize(), TICKET, **more)  # type: ignore[arg-type]  # passed on as it is


def card(words: str = "My coffee was cold.\nCan I have another one?", version: int = 7) -> Card:
    return Card(
        fallback=f"#1042 Mika: {words}",
        title=(Emoji("incoming_envelope"), Plain(" "), Strong("#1042 Cold coffee")),
        facts=(
            Fact("Customer", (Plain("Mika Tanaka <mika@customer.example> · 4th ticket"),)),
            Fact("Channel", (Plain("E-mail · support@sunrise-coffee.example"),)),
            Fact("Status", (Plain("open"),)),
            Fact("Priority", (Plain("normal"),)),
            Fact("Assignee", (Person("Aki", "U0AKI"), Plain(" · "), Moment(AT))),
            Fact("Window", (Moment(AT),)),
        ),
        quote=Quote(words),
        footnotes=((Plain("Mika · "), Moment(AT)), (Emoji("warning"), Plain(" claims to be "), Struck("#7"))),
        buttons=(
            button("reply", version=version, opens_form=True, style=Style.PRIMARY),
            button("close", version=version, confirm=Confirm("Close?", "It can be reopened.", "Close", "Keep")),
            button("release", version=version),
        ),
        menu=tuple(button(name, version=version, opens_form=True) for name in ("assign", "priority", "note")),
        menu_label="More",
    )


def entry(words: str = "My coffee was cold.") -> Entry:
    return Entry(
        fallback=f"Mika wrote: {words}",
        lines=((Emoji("inbox_tray"), Plain(" "), Strong("Mika wrote"), Plain(" · "), Moment(AT)),),
        quote=Quote(words),
        footnotes=((Plain("edited"),),),
        buttons=(button("whole", "Show all", opens_form=True, values={"message": "m1"}),),
    )


def form(text: str = "", template: str = "") -> Form:
    return Form(
        name="reply",
        title="Reply",
        fields=(
            Said(lines=((Plain("To Mika, by e-mail"),),), quote=Quote("My coffee was cold.")),
            Choice(
                "template",
                "Template",
                (Option("", "No template"), Option("sorry", "Sorry"), Option("thanks", "Thanks")),
                initial=template,
                refreshes=True,
            ),
            TextInput("text", "Your reply", initial=text, multiline=True, hint="At most 500", longest=500),
            Checks("after", "Then", (Option("close", "Close the ticket"), Option("note", "Keep a note"))),
            PersonInput("assignee", "Assign to", initial="U0AKI"),
            MomentInput("until", "Until", initial=AT, hint="In your own time zone", optional=True),
            FilesInput("files", "Files", most=3),
            FormButtons((button("preview"), button("translate"))),
        ),
        ticket=TICKET,
        submit="Send",
        cancel="Cancel",
        keep={"message": "m1", "seen": "12"},
    )
