"""Tells a bare thanks from words that need an answer.

Wrong in one direction is a nuisance, wrong in the other a customer who is never answered: so this knows a few whole
sentences of thanks, and whatever else stands beside them makes it more than a thanks.
"""

import re

from routing.folding import folded

LONGEST = 300
_SIGNATURE = re.compile(r"^-- ?$|^[_—–-]{3,}$", re.MULTILINE)
_ASKS = re.compile("[?¿؟;]")
# Signs that only ever are friendly: hands, smiles, hearts, flowers, with their skin tones, joiners and selectors.
_FRIENDLY = re.compile(
    "[\U0001f64f\U0001f44d\U0001f44c\U0001f44f\U0001f64c\U0001f64b\U0001f647\U0001f60a\U0001f642\U0001f600"
    "\U0001f603\U0001f604\U0001f601\U0001f606\U0001f60d\U0001f970\U0001f917\U0001f389\U0001f338\U0001f490\U0001f4af"
    "\u263a\u2764\U0001f9e1\U0001f49b\U0001f49a\U0001f499\U0001f49c\U0001f495\u2728\U0001f3fb-\U0001f3ff\u200d\ufe0f]"
)
_BOW = re.compile(r"m\(_ ?_\)m|\(\^[_.]?\^\)|\^_?\^|:-?\)|:-?d\b|<3")
_STOPS = re.compile(r"[\s.,!¡。、！…·~〜・♪♡☆★^()（）「」'’\"“”-]+")

_ENGLISH = (
    r"(?:(?:ok|okay|great|perfect|super|wow|awesome|excellent|wonderful|cool|lovely|brilliant|hi|hello) )?"
    r"(?:many thanks|thanks|thank you|thank u|thankyou|thx|tysm|ty|much appreciated|i appreciate it)"
    r"(?: (?:so much|very much|a lot|a bunch|a million|again|indeed|everyone|all|team))*"
    r"(?: for (?:your|the|all your|all the) (?:(?:very )?(?:quick|fast|prompt|kind|great|swift|speedy) )?"
    r"(?:help|reply|response|answer|support|assistance|update|information|info|explanation|service))?"
)
_OTHERS = (
    r"danke(?: (?:schön|sehr|dir|ihnen|euch|vielmals))*|vielen(?: herzlichen)? dank|besten dank|herzlichen dank",
    r"merci(?: (?:beaucoup|bien|à vous|a vous|infiniment))*|(?:muchas|mil|muchísimas) gracias|gracias",
    r"(?:muito )?obrigad[oa]|grazie(?: (?:mille|tante))?|(?:heel |hartelijk )?(?:dank je wel|dank u wel|bedankt)",
    r"tack(?: så mycket)?|(?:mange |tusen )?takk?|kiitos(?: paljon)?|dziękuję(?: bardzo)?",
    r"(?:большое )?спасибо(?: (?:большое|вам))*|дякую|teşekkürler|teşekkür ederim|terima kasih|cảm ơn(?: bạn)?",
    r"(?:非常|十分)?(?:感谢|感謝)(?:您|你)?|(?:谢谢|謝謝)(?:您|你|大家|了)?|多谢|多謝",
    r"(?:정말 )?(?:감사합니다|고맙습니다|고마워요)|ขอบคุณ(?:มาก)?(?:ครับ|ค่ะ|คะ)?",
)
# Whole phrases of courtesy; よろしくお願いします is none, for it asks for something.
_JAPANESE = re.compile(
    r"(?:(?:早速|迅速)(?:の|な)?(?:ご)?(?:返信|返答|対応|回答)(?:を)?(?:いただき|頂き)?(?:まして)?)?"
    r"(?:本当に|誠に|まことに|どうも|大変|いつも)*"
    r"(?:ありがとう|有難う|有り難う|アリガトウ|あざす)(?:ございます|ございました|御座います|御座いました)?"
    r"|(?:本当に|とても|大変|すごく)?(?:助かりました|助かります|感謝(?:です|します|いたします|致します))"
    r"|了解(?:です|しました|いたしました|致しました)|承知(?:しました|いたしました|致しました)|かしこまりました"
    r"|お世話になっております|お世話になりました|失礼(?:します|いたします|致します)|感謝"
)
_JAPANESE_THANKS = re.compile(r"ありがとう|有難う|有り難う|アリガトウ|あざす|助かりま|感謝")
_CLOSING = re.compile(
    r"(?:best|kind|warm)(?: regards| wishes)?|regards|cheers|br|yours(?: sincerely| truly)?|sincerely|敬具|以上"
    r"|mit freundlichen grüssen|mfg|viele grüsse|liebe grüsse|cordialement|saludos"
    r"|sent from my (?:iphone|ipad|android|galaxy|phone|mobile)(?: device| phone)?|(?:iphone|ipad)から送信"
)
_THANKS = re.compile("|".join([_ENGLISH, *_OTHERS]))
_MOST_SENTENCES = 3


def only_thanks(text: str, *, author: str = "") -> bool:
    """Whether the words say thanks and nothing else. A greeting at the end, the author's own name, a signature below
    its line and friendly signs count for nothing; a question anywhere, a figure above the signature, and every word
    that is not known here make it more."""
    if len(text) > LONGEST:
        return False
    words = folded(text)
    if _ASKS.search(words):
        return False
    body = _SIGNATURE.split(words, maxsplit=1)[0]
    if any(sign.isdigit() or sign.isnumeric() for sign in _BOW.sub(" ", body) if not "\u4e00" <= sign <= "\u9fff"):
        return False
    lines = [_bare(line) for line in body.splitlines()]
    name = _bare(folded(author))
    said = [line for line in lines if line and not _CLOSING.fullmatch(line) and not _is_name(line, name)]
    return 0 < len(said) <= _MOST_SENTENCES and _thanks("".join(said), " ".join(said))


def _bare(line: str) -> str:
    return _STOPS.sub(" ", _FRIENDLY.sub(" ", _BOW.sub(" ", line))).strip()


def _is_name(line: str, name: str) -> bool:
    return bool(name) and (line == name or line in name.split(" "))


def _thanks(joined: str, spaced: str) -> bool:
    close = joined.replace(" ", "")
    if _JAPANESE_THANKS.search(close):
        return not _JAPANESE.sub("", close)
    return not _THANKS.sub("", spaced, count=_MOST_SENTENCES).strip()
