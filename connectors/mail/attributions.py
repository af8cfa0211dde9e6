"""Knows the lines by which mail programs announce what they quote, in the languages customers write."""

import re

# "On … wrote:" and its kin. Each test is a plain search in at most 600 characters, so no line can cost more than that.
_VERBS = re.compile(
    r"\bwrote\b|\bschrieb\b|\ba\s+écrit\b|\bescribió\b|\bescreveu\b|\bha\s+scritto\b|\bschreef\b|\bskrev\b"
    r"|写道|寫道|のメール|書きました|님이\s*작성|작성:|written by",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}\s?[年/.\-년]\s?\d{1,2}|\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|\d{1,2}[:：.時시h]\d{2}|\d{1,2}\.?\s+(?:de\s+)?[^\W\d]{3,9}\.?,?\s+(?:de\s+)?\d{4}"
    r"|[^\W\d]{3,9}\.?\s+\d{1,2},?\s+\d{4}"
)
_TIME = re.compile(r"\d{1,2}[:：.時시h]\s?\d{2}")
_SURE_ENDS = ("書きました:", "書きました：", "写道:", "写道：", "のメール:", "のメール：")
_MAILBOX = re.compile(r"[^\s<>@]@[^\s<>@]")
_OPENING = re.compile(r"(?:on|am|le|el|em|il|op|den|at|在|于|於)\b|\d{4}", re.IGNORECASE)
_ENDS_WITH_MAILBOX = re.compile(r"<[^<>\s]+@[^<>\s]+>\s*[:：]\Z")
LONGEST_ATTRIBUTION = 600

_ORIGINAL = re.compile(
    r"original message|ursprüngliche nachricht|message d'origine|message d’origine|message original|mensaje original"
    r"|mensagem original|messaggio originale|oorspronkelijk bericht|元のメッセージ|オリジナル\s*メッセージ"
    r"|原始邮件|原始郵件|邮件原件|원본\s*메[시세]지",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"forwarded message|begin forwarded|weitergeleitete nachricht|message transféré|mensaje reenviado"
    r"|mensagem encaminhada|messaggio inoltrato|doorgestuurd bericht|転送(?:された)?メッセージ|forwarded by"
    r"|转发的?邮件|轉寄的?郵件|전달된\s*메[시세]지",
    re.IGNORECASE,
)
_OWN_MARK = re.compile(
    r"(?:reply|write|type|antwort\w*|répon\w*|respond\w*)\b.{0,40}\b(?:above|oberhalb|au-dessus|encima)\b.{0,20}\bline\b"
    r"|please (?:type your )?reply above this line|oberhalb dieser (?:linie|zeile)|au-dessus de cette ligne"
    r"|por encima de esta línea|この(?:行|線|ライン)より上に",
    re.IGNORECASE,
)
_FORWARD_SUBJECT = re.compile(
    r"\s*(?:\[[^\]]{0,40}\]\s*)?(?:fwd?|wg|tr|rv|enc|i|doorst|転送|转发|轉寄|전달)\s*[:：]", re.IGNORECASE
)
# Signatures that phones write. Matched against a whole line.
_DEVICE = re.compile(
    r"(?:sent from (?:my |mail |outlook|yahoo|samsung|proton)|sent via |get outlook for |(?:von meinem|gesendet mit) "
    r"|envoyé (?:de|depuis) |enviado (?:desde|do|de) (?:mi|meu)|inviato da |verstuurd vanaf |从我的.{0,20}发送|發自我的"
    r"|나의 .{0,20}에서 보냄).{0,60}\Z"
    r"|(?:iPhone|iPad|Android|スマートフォン|携帯|Xperia|Galaxy|Outlook|Yahoo!メール).{0,30}(?:から|より)送信.{0,10}\Z",
    re.IGNORECASE,
)

_KEYS = {
    "from": ("from", "von", "de", "da", "van", "fra", "från", "差出人", "送信者", "发件人", "寄件者", "보낸 사람",
             "보낸사람"),
    "sent": ("sent", "date", "gesendet", "datum", "envoyé", "date d'envoi", "enviado", "fecha", "enviada em",
             "enviado em", "data", "inviato", "verzonden", "sendt", "skickat", "送信日時", "日時", "日付", "发送时间",
             "日期", "時間", "寄件日期", "보낸 날짜", "날짜"),
    "to": ("to", "an", "à", "para", "a", "aan", "til", "till", "宛先", "收件人", "받는 사람", "받는사람"),
    "cc": ("cc", "kopie", "copie", "kopi", "抄送", "副本", "참조"),
    "subject": ("subject", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "emne", "ämne", "件名",
                "主题", "主旨", "제목"),
}  # fmt: skip
_KEY_OF = {word: key for key, words in _KEYS.items() for word in words}
_KEY = re.compile(r"[\s*>]{0,6}([^\s*:：][^*:：\n]{0,19}?)\s?\*?\s?[:：]")


def is_attribution(text: str, *, quote_follows: bool) -> bool:
    """Whether a line, or up to three lines joined, that ends with a colon announces a quoted mail.

    Without a quoted line below, "as I wrote on 20 November:" could be the customer's own sentence: then a mailbox, or
    an opening word with a time of day, must stand there too.
    """
    if len(text) > LONGEST_ATTRIBUTION:
        return False
    dated = _DATE.search(text) is not None
    if dated and _ENDS_WITH_MAILBOX.search(text):
        return True
    if not _VERBS.search(text):
        return False
    if _MAILBOX.search(text) or text.endswith(_SURE_ENDS):
        return True
    return dated and (quote_follows or (_OPENING.match(text) is not None and _TIME.search(text) is not None))


def starts_attribution(line: str) -> bool:
    """Whether the first of several lines that were wrapped could be the beginning of an attribution."""
    return _OPENING.match(line) is not None or _DATE.search(line[:60]) is not None


def announces_original(line: str) -> bool:
    """`-----Original Message-----` and its kin: dashes and the words."""
    return line.startswith(("-", "_", "*", "=", "―", "─", "＝", "－")) and _ORIGINAL.search(line[:200]) is not None


def announces_forward(line: str) -> bool:
    return _FORWARDED.search(line[:200]) is not None and (
        line.startswith(("-", "_", "*", "=", "―", "─")) or line.lower().startswith("begin forwarded")
    )


def mentions_own_mark(text: str) -> bool:
    """Whether "reply above this line" may stand somewhere in a text; a cheap question that spares one per line."""
    lowered = text.lower()
    return any(word in lowered for word in ("above", "oberhalb", "au-dessus", "encima", "より上に"))


def is_own_mark(line: str) -> bool:
    """Whether a line asks to reply above it, as desks (ours and others) put it over what they quote."""
    return len(line) < 200 and _OWN_MARK.search(line) is not None


def is_forward_subject(subject: str) -> bool:
    return _FORWARD_SUBJECT.match(subject) is not None


def is_device_signature(line: str) -> bool:
    return len(line) < 120 and _DEVICE.match(line) is not None


def header_key(line: str) -> str:
    """Which header a line of a quoted header block shows (`差出人: …` is "from"), or empty."""
    match = _KEY.match(line)
    return _KEY_OF.get(match[1].strip().lower(), "") if match else ""
