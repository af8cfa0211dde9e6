"""What a mail quotes is folded away; what its writer said is not."""

import pytest

from connectors.mail.folding import fold

ANSWER = "Thank you.\n\nIt works now."
QUOTE = "> How are you?\n> Still broken?"


@pytest.mark.parametrize(
    "announcement",
    [
        "On Fri, Nov 20, 2026 at 9:58 AM Acme <support@acme.example> wrote:",
        "On Fri, Nov 20, 2026 at 9:58 AM Acme <support@acme.example>\nwrote:",
        "On Nov 20, 2026, at 9:58 AM, Acme Support <support@acme.example> wrote:",
        "On 20.11.26 09:58, Acme wrote:",
        "Acme Support <support@acme.example> wrote:",
        "At 09:58 AM 11/20/2026, Acme wrote:",
        "2026年11月20日(金) 9:58 Acme Support <support@acme.example>:",
        "2026年11月20日(金) 9:58 Acme Support\n<support@acme.example>:",
        "2026/11/20 9:58、Acme <support@acme.example>のメール：",
        "2026年11月20日 9:58、Acme Support さんは書きました:",
        "Acme さんが書きました:",
        "Am 20.11.2026 um 09:58 schrieb Acme:",
        "Am Fr., 20. Nov. 2026 um 09:58 Uhr schrieb Acme Support <\nsupport@acme.example>:",
        "Le 20/11/2026 à 09:58, Acme a écrit :",
        "Le vendredi 20 novembre 2026, Acme <support@acme.example> a écrit :",
        "El 20/11/2026 a las 9:58, Acme escribió:",
        "Em 20/11/2026 09:58, Acme escreveu:",
        "Il 20/11/2026 09:58, Acme ha scritto:",
        "Op 20-11-2026 om 09:58 schreef Acme:",
        "Den fre 20 nov. 2026 kl 09:58 skrev Acme <support@acme.example>:",
        "在 2026年11月20日 09:58，Acme 写道：",
        "Acme <support@acme.example> 于2026年11月20日周五 上午9:58写道：",
        "2026년 11월 20일 (금) 오전 9:58, Acme <support@acme.example>님이 작성:",
    ],
)
def test_an_announced_quote_is_folded_in_every_language(announcement: str) -> None:
    assert fold(f"{ANSWER}\n\n{announcement}\n\n{QUOTE}\n") == ANSWER


@pytest.mark.parametrize(
    "block",
    [
        "From: Acme <support@acme.example>\nSent: Friday\nTo: Taro\nSubject: Re: x\n\nold",
        "*From:* Acme <support@acme.example>\n*Date:* Friday\n*To:* Taro\n*Subject:* x\n\nold",
        "________________________________\nFrom: Acme\nSent: Friday\nTo: Taro\nSubject: Re: x\n\nold",
        "差出人: Acme\n送信日時: 2026年11月20日\n宛先: 山田\n件名: x\n\n古い",
        "日時: 2026年11月20日\n差出人: Acme <support@acme.example>\n宛先: 山田\n\n古い",
        "Von: Acme\nGesendet: Freitag\nAn: Taro\nBetreff: x\n\nalt",
        "De : Acme\nEnvoyé : vendredi\nÀ : Taro\nObjet : x\n\nvieux",
        "De: Acme\nEnviado: viernes\nPara: Taro\nAsunto: x\n\nviejo",
        "Da: Acme\nInviato: venerdì\nA: Taro\nOggetto: x\n\nvecchio",
        "Van: Acme\nVerzonden: vrijdag\nAan: Taro\nOnderwerp: x\n\noud",
        "发件人: Acme\n发送时间: 星期五\n收件人: Taro\n主题: x\n\n旧",
        "보낸 사람: Acme\n보낸 날짜: 금요일\n받는 사람: Taro\n제목: x\n\n옛",
        "-----Original Message-----\nanything",
        "----- 元のメッセージ -----\n古い",
        "-----Ursprüngliche Nachricht-----\nalt",
        "------------------ 原始邮件 ------------------\n旧",
        "--- Please reply above this line ---\nold",
        "=== この行より上に返信を書いてください ===\n古い",
        QUOTE,
    ],
)
def test_a_block_of_headers_a_rule_or_quoted_lines_at_the_end_are_folded(block: str) -> None:
    assert fold(f"{ANSWER}\n\n{block}\n") == ANSWER


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nTaro\nTokyo",
        "--\nTaro",
        "Sent from my iPhone",
        "iPhoneから送信",
        "Get Outlook for iOS",
        "Von meinem iPhone gesendet",
    ],
)
def test_a_signature_is_folded_with_and_without_a_quote(signature: str) -> None:
    assert fold(f"{ANSWER}\n\n{signature}\n") == ANSWER
    assert fold(f"{ANSWER}\n\n{signature}\n\nOn 20.11.2026 at 9:58 Acme <a@b.example> wrote:\n{QUOTE}\n") == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"{QUOTE}\n\n{ANSWER}",
        f"On Friday, 20.11.2026 at 9:58, Acme <a@b.example> wrote:\n{QUOTE}\n\n{ANSWER}",
        f"{ANSWER}\n\n> How are you?\n\nFine.\n\n> Still broken?\n\nNo.",
        f"On 20.11.2026 at 9:58 Acme <a@b.example> wrote:\n{QUOTE}",
        "＞担当者様\n＞お世話になります。\n\nこちらこそ。",
        "---------- Forwarded message ---------\nFrom: x <x@y.example>\nDate: Friday\nSubject: z\nTo: me\n\nold",
        f"Please see below.\n\nBegin forwarded message:\n\nFrom: x <x@y.example>\nSubject: z\nDate: Friday\n\n{QUOTE}",
        "Dear all,\n\nas I wrote on 20.11.2026:\nthe machine is broken.",
        "Our trip:\nFrom: Tokyo\nTo: Osaka\nDate: 20.11.2026\n\nPlease book.",
        "Options:\n-- \n" + "\n".join(f"line {number}" for number in range(20)),
        "Sent from my iPhone",
        "-- \nOnly a signature",
        "Q1: what?\nQ2: why?\n10:30: the meeting\nNote:\nit is late",
        "",
        "\n\n",
        ">",
    ],
)
def test_what_somebody_wrote_is_shown_whole(text: str) -> None:
    assert fold(text) == text.strip("\n") or fold(text) == text


def test_where_a_mail_program_is_known_to_quote_nothing_else_is_needed() -> None:
    assert fold("Yes.\n\nolder words\nand more", frozenset({2})) == "Yes."
    assert fold("older words\nand more", frozenset({0})) == "older words\nand more"
    forwarded = "See:\n\n---------- Forwarded message ---------\nwords"
    assert fold(forwarded, frozenset({2})) == forwarded
