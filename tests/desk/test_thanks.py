"""A bare thanks is known in many languages, and whatever is more than that is never taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.thanks import only_thanks

BARE = [
    "thanks",
    "Thanks!",
    "THANK YOU!!!",
    "Thank you very much.",
    "Many thanks for your quick reply!",
    "Great, thanks a lot 🙏🏽",
    "ok, thx :-)",
    "Thanks!\n\nHana",
    "Thank you so much!\n\nBest regards,\nHana Sato",
    "Thanks\n\nSent from my iPhone",
    "Thanks!\n-- \nHana Sato\nSunrise Coffee, Tel. 03-1234-5678",
    "ありがとうございます。",
    "ありがとうございました！",
    "承知しました。ありがとうございます。",
    "お世話になっております。\n早速のご返信ありがとうございます。\n佐藤 花",
    "どうもありがとう😊",
    "助かりました。ありがとうございます m(_ _)m",
    "ｱﾘｶﾞﾄｳございます",
    "Vielen Dank!",
    "Danke schön\n\nViele Grüße\nHana",
    "Merci beaucoup !",
    "¡Muchas gracias!",
    "Obrigada!",
    "谢谢您！",
    "감사합니다.",
    "Спасибо большое!",
    "ขอบคุณค่ะ",
]
MORE = [
    "",
    "   ",
    "Thanks, but it still does not work",
    "Thanks. Help!",
    "thanks for nothing",
    "no thanks",
    "Thanks in advance",
    "Thanks, when will it come?",
    "Thanks？",
    "Gracias. ¿Cuándo llega",
    "Thanks, my order is 4711",
    "Thanks, my order is ４７１１",
    "Thanks, please close it",
    "Thank you for your reply, the cup is broken",
    "Hi, still broken.\nThanks",
    "Thanks 😡",
    "👍",
    "ok",
    "ありがとうございます。でもまだ動きません。",
    "ありがとうございます。よろしくお願いします。",
    "ありがとうございます。いつ届きますか",
    "ありがとうございません",
    "了解しました",
    "まだ届きません。お世話になっております。",
    "Danke, geht nicht",
    "Danke nein",
    "merci de me rappeler",
    "Thanks\n" * 40,
    "Thanks!\n-- \nHana\nAnd where is my refund?",
    "Thanks\n\nBroken",
    "thank you note missing",
    "tysm not",
]


@pytest.mark.parametrize("text", BARE, ids=range(len(BARE)))
def test_a_bare_thanks_is_known(text: str) -> None:
    assert only_thanks(text, author="佐藤 花" if "佐藤" in text else "Hana Sato")


@pytest.mark.parametrize("text", MORE, ids=range(len(MORE)))
def test_whatever_is_more_needs_somebody(text: str) -> None:
    assert not only_thanks(text, author="Hana Sato")


def test_a_strangers_name_below_is_not_taken_for_nothing() -> None:
    assert not only_thanks("Thanks!\nUrgent", author="Hana Sato")


@given(st.sampled_from(BARE), st.text(alphabet="abcdefghijklmnopqrstuvwxyzäéжのはが返金字", min_size=4, max_size=12))
def test_a_thanks_with_any_other_word_beside_it_is_more_than_a_thanks(thanks: str, word: str) -> None:
    body = thanks.partition("\n-- ")[0]
    if not only_thanks(word + " thanks", author=""):
        assert not only_thanks(f"{word} {body}", author="Hana Sato")


@given(st.text(max_size=400))
def test_any_text_is_judged_without_harm(text: str) -> None:
    assert only_thanks(text) in (True, False)
