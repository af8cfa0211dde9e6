"""Tells agents of each other: who else is replying, and what a colleague answered meanwhile."""

from bot.cards.forms import ReplyDraft
from bot.cards.model import Form, Quote, Said, TextInput
from bot.cards.parts import Reader
from routing.messages import Message

QUOTED = 1200


def answered_form(answer: Message, draft: ReplyDraft, reader: Reader) -> Form:
    """A colleague answered while the agent was writing: their words, the agent's own, and Send anyway."""
    said = Said(
        lines=(reader.line("form.answered.text", who=answer.author),),
        quote=Quote(answer.text[:QUOTED] or reader.say("card.no_text")),
    )
    return Form(
        name="send",
        title=reader.say("form.answered.title"),
        fields=(said, TextInput("text", reader.say("form.meanwhile.yours"), initial=draft.text, multiline=True)),
        ticket=answer.ticket,
        submit=reader.say("form.meanwhile.submit"),
        cancel=reader.say("button.cancel"),
        keep=draft.kept_whole(),
        tells_close=True,
    )
