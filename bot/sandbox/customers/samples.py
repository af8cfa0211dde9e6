"""Tells the stories of the sample customers: what each writes, and what each says when the answer comes."""

from dataclasses import dataclass
from enum import StrEnum


class Medium(StrEnum):
    MAIL = "mail"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Sample:
    """One story. `then` is said right after `text` (LINE); `answered` is said once when our answer has arrived."""

    name: str
    person: str
    medium: Medium
    topic: str
    text: str
    then: tuple[str, ...] = ()
    answered: str = ""
    picture: str = ""
    sticker: tuple[str, str] | None = None
    charset: str = "utf-8"
    takes_back_last: bool = False


SAMPLES: tuple[Sample, ...] = (
    Sample(
        name="late-parcel",
        person="emma",
        medium=Medium.MAIL,
        topic="Where is my parcel? Order #48213",
        text=(
            "Hello,\n\nmy order #48213 was meant to arrive on Tuesday, and the tracking page has not moved "
            "for four days. It is a birthday present for Saturday, so I am getting a little nervous.\n\n"
            "Could you find out where it is?\n\nBest wishes\nEmma Wilson"
        ),
        answered="That was quick, thank you! I will keep an eye on the tracking page.\n\nEmma",
    ),
    Sample(
        name="haisou-chien",
        person="misaki",
        medium=Medium.MAIL,
        topic="注文した商品が届きません(注文番号 20871)",
        text=(
            "お世話になっております。佐藤と申します。\n\n"
            "先週の月曜日に注文した商品(注文番号 20871)が、お届け予定日を過ぎてもまだ届いておりません。"
            "配送状況を確認していただけますでしょうか。\n\n"
            "週末に使う予定のため、お急ぎいただけますと助かります。\n\n佐藤 美咲"
        ),
        answered="早速のご対応ありがとうございます。到着をお待ちしております。\n\n佐藤",
    ),
    Sample(
        name="yoyaku-henkou",
        person="hina",
        medium=Medium.LINE,
        topic="予約の変更",
        text="こんにちは!明日18時のコーヒー教室に4名で予約している鈴木です",
        then=("人数を6名に変更できますか?", "近くの席だとうれしいです🙏"),
        answered="ありがとうございます!助かりました😊",
    ),
    Sample(
        name="broken-mug",
        person="priya",
        medium=Medium.MAIL,
        topic="Mug arrived broken",
        text=(
            "Hi there,\n\nthe blue mug from my last order arrived in two pieces. The box itself looked fine. "
            "I have attached a photo.\n\n"
            "Would a replacement be possible? I do not need the money back.\n\nThanks,\nPriya"
        ),
        answered="A replacement is perfect. Thank you for sorting it out so fast!\n\nPriya",
        picture="mug.png",
    ),
    Sample(
        name="hako-tsubure",
        person="shota",
        medium=Medium.LINE,
        topic="箱がつぶれて届いた",
        text="今日届いた荷物の箱がつぶれていました",
        then=("中身は無事でしたが、贈り物なので箱だけ送ってもらうことはできますか?",),
        answered="了解です。よろしくお願いします!",
        picture="parcel.png",
    ),
    Sample(
        name="refund",
        person="james",
        medium=Medium.MAIL,
        topic="Refund still not in my account",
        text=(
            "Good morning,\n\non the 2nd you confirmed a refund of EUR 84.50 for order #47990. "
            "It is now three weeks later and nothing has arrived. This is the second time I am writing about it.\n\n"
            "Please tell me the date on which it was paid out.\n\nJames Carter"
        ),
        answered="Understood. I will check with my bank and come back to you if it is not there by Friday.\n\nJames",
    ),
    Sample(
        name="henkin",
        person="kenichi",
        medium=Medium.MAIL,
        topic="返金のお願い",
        text=(
            "担当者様\n\n挽き目を間違えて注文し、先日返品した商品(注文番号 20655)の返金がまだ確認できておりません。\n"
            "返金予定日を教えていただけますか。\n\n田中 健一"
        ),
        answered="ご確認ありがとうございました。引き続きよろしくお願いいたします。\n\n田中",
        charset="iso-2022-jp",
    ),
    Sample(
        name="table-tonight",
        person="lucas",
        medium=Medium.LINE,
        topic="A table tonight",
        text="Hi! Do you still have a table for two tonight around 8?",
        then=("Near the window if possible :)",),
        answered="Great, see you at 8!",
    ),
    Sample(
        name="zaiko",
        person="misaki",
        medium=Medium.LINE,
        topic="在庫の問い合わせ",
        text="エチオピアの浅煎り豆は次いつ入荷しますか?",
        answered="わかりました、ありがとうございます✨",
        sticker=("446", "1989"),
    ),
    Sample(
        name="card-number",
        person="emma",
        medium=Medium.LINE,
        topic="Takes a message back",
        text="Hi, I would like to pay for order 48213 by phone",
        then=("my card is 4111 1111 1111 1111, oh wait",),
        answered="Thanks, I will use the link instead!",
        takes_back_last=True,
    ),
    Sample(
        name="invoice",
        person="lucas",
        medium=Medium.MAIL,
        topic="Invoice with our company name",
        text=(
            "Dear team,\n\ncould you please send the invoice for order #48102 again, made out to\n\n"
            "  Meyer Design GmbH\n  Lindenstrasse 12\n  10969 Berlin\n\n"
            "We need it for our books by the end of the month.\n\n"
            "Kind regards\nLucas Meyer"
        ),
        answered="Perfect, received. Thank you!\n\nLucas",
    ),
    Sample(
        name="ryoushuusho",
        person="hina",
        medium=Medium.MAIL,
        topic="領収書の発行について",
        text=(
            "お世話になります。\n\n注文番号 20910 の領収書を発行していただけますでしょうか。\n"
            "宛名は「株式会社すずき工房」でお願いいたします。\n\n鈴木 陽菜"
        ),
        answered="領収書を受け取りました。ありがとうございました。\n\n鈴木",
    ),
    Sample(
        name="cancel",
        person="priya",
        medium=Medium.LINE,
        topic="Cancel an order, quickly",
        text="URGENT please cancel order 48231, I chose whole beans instead of ground!!",
        answered="Phew, thank you so much",
        sticker=("446", "1993"),
    ),
    Sample(
        name="ireland",
        person="james",
        medium=Medium.MAIL,
        topic="Can you ship to Ireland?",
        text=(
            "Hello,\n\nI would love to order the espresso blend, but I cannot choose Ireland at the checkout. "
            "Do you ship there, and what would it cost?\n\nCheers\nJames"
        ),
        answered="Brilliant, I have just placed the order.\n\nJames",
    ),
)


def find_sample(name: str) -> Sample:
    """The story of that name; `KeyError` if there is none."""
    for sample in SAMPLES:
        if sample.name == name:
            return sample
    raise KeyError(name)
