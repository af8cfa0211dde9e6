"""What the contact form says, in English and Japanese."""

from collections.abc import Mapping

LANGUAGES = ("en", "ja")

WORDS: Mapping[str, Mapping[str, str]] = {
    "heading": {"en": "Contact us", "ja": "お問い合わせ"},
    "intro": {
        "en": "Write to {company}. We answer by e-mail.",
        "ja": "{company}へのお問い合わせはこちらから。メールでお返事します。",
    },
    "name": {"en": "Your name", "ja": "お名前"},
    "email": {"en": "E-mail address", "ja": "メールアドレス"},
    "email_hint": {"en": "Our answer goes there.", "ja": "こちらにお返事します。"},
    "subject": {"en": "Subject", "ja": "件名"},
    "message": {"en": "Message", "ja": "お問い合わせ内容"},
    "files": {"en": "Files", "ja": "添付ファイル"},
    "files_hint": {
        "en": "Up to {files}, {file_size} each, {total_size} together.",
        "ja": "{files}個まで、1つ{file_size}以内、合計{total_size}以内。",
    },
    "required": {"en": "required", "ja": "必須"},
    "optional": {"en": "optional", "ja": "任意"},
    "choose": {"en": "Please choose", "ja": "選択してください"},
    "yes": {"en": "Yes", "ja": "はい"},
    "website": {"en": "Leave this field empty", "ja": "この欄は空のままにしてください"},
    "send": {"en": "Send", "ja": "送信する"},
    "sending": {"en": "Sending…", "ja": "送信中…"},
    "privacy": {"en": "How we treat what you send", "ja": "個人情報の取り扱いについて"},
    "other_language": {"en": "日本語", "ja": "English"},
    "thanks": {"en": "Thank you", "ja": "送信しました"},
    "thanks_body": {
        "en": "Your message has reached {company}.",
        "ja": "{company}がお問い合わせを受け付けました。ありがとうございます。",
    },
    "next": {"en": "What happens next", "ja": "このあとの流れ"},
    "next_read": {"en": "A person reads it.", "ja": "担当者が内容を確認します。"},
    "next_answer": {"en": "We answer by e-mail to {email}.", "ja": "{email} 宛てにメールでお返事します。"},
    "next_within": {"en": "You hear from us within {time}.", "ja": "{time}以内にご連絡します。"},
    "next_missing": {
        "en": "Nothing there? Look into your spam folder, and check that the address above is right.",
        "ja": "返信が届かないときは、迷惑メールフォルダと上のアドレスに誤りがないかをご確認ください。",
    },
    "copy": {"en": "What you sent", "ja": "送信した内容"},
    "again": {"en": "Send another message", "ja": "続けて別のお問い合わせをする"},
    "error_summary": {"en": "Please look at these points:", "ja": "次の点をご確認ください。"},
    "error_required": {"en": "Please fill this in.", "ja": "入力してください。"},
    "error_email": {
        "en": "This does not look like an e-mail address. Example: taro@example.com",
        "ja": "メールアドレスの形式をご確認ください。例：taro@example.com",
    },
    "error_own_address": {
        "en": "This is our own address. Please give yours, so that our answer reaches you.",
        "ja": "これは当方のアドレスです。お返事をお送りできるよう、ご自身のアドレスを入力してください。",
    },
    "error_long": {"en": "At most {most} characters, please.", "ja": "{most}文字以内で入力してください。"},
    "error_choice": {"en": "Please choose one of the answers.", "ja": "選択肢から選んでください。"},
    "error_files_many": {"en": "At most {files} files, please.", "ja": "ファイルは{files}個までです。"},
    "error_file_large": {
        "en": "“{name}” is larger than {file_size}.",
        "ja": "「{name}」は{file_size}を超えています。",
    },
    "error_files_large": {
        "en": "Together the files are larger than {total_size}.",
        "ja": "ファイルの合計が{total_size}を超えています。",
    },
    "error_files_none": {"en": "This form takes no files.", "ja": "このフォームではファイルを受け付けていません。"},
    "error_trap": {
        "en": "The hidden field at the end was filled in, as programs do. It is empty now: please send again.",
        "ja": "見えない欄が入力されていたため止めました。空に戻しましたので、もう一度送信してください。",
    },
    "error_fast": {
        "en": "That was very quick. Please look over your message and send it once more.",
        "ja": "送信が早すぎたため止めました。内容をご確認のうえ、もう一度送信してください。",
    },
    "error_old": {
        "en": "This page had been open for long. Nothing is lost: please send once more.",
        "ja": "ページを開いてから時間が経ちました。入力内容は残っていますので、もう一度送信してください。",
    },
    "error_token": {"en": "A token is missing or not ours.", "ja": "トークンがないか、正しくありません。"},
    "error_often": {
        "en": "Many messages came from here in a short time. Please send again in {minutes} min.",
        "ja": "短時間に多くの送信がありました。{minutes}分後にもう一度送信してください。",
    },
    "error_ours": {
        "en": "We could not keep your message just now; the fault is ours. Please send it again in a minute.",
        "ja": "こちらの不具合で保存できませんでした。申し訳ありませんが、1分ほどしてからもう一度送信してください。",
    },
    "error_files_again": {
        "en": "Please choose your files again: browsers do not keep them.",
        "ja": "お手数ですが、ファイルはもう一度お選びください。",
    },
    "error_too_much": {"en": "That is more than this form takes.", "ja": "送信内容が大きすぎます。"},
    "error_unreadable": {"en": "What arrived could not be read.", "ja": "送信内容を読み取れませんでした。"},
    "error_origin": {"en": "This site may not post to the form.", "ja": "このサイトからは送信できません。"},
    "gone": {"en": "There is no form at this address.", "ja": "このアドレスにフォームはありません。"},
}


def say(key: str, language: str, /, **values: str | int) -> str:
    return WORDS[key][language].format(**values)


def size(count: int) -> str:
    """A number of bytes as people say it."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} B"


def choose_language(asked: str, accepted: str, otherwise: str) -> str:
    """The language of `?lang=`, else the one that the browser likes best, else the form's own."""
    if asked in LANGUAGES:
        return asked
    liked: list[tuple[float, str]] = []
    for part in accepted[:500].split(","):
        name, _, weight = part.partition(";")
        language = name.strip().casefold().partition("-")[0]
        if language in LANGUAGES:
            liked.append((_weight(weight), language))
    best = max(liked, key=lambda one: one[0], default=(0.0, otherwise))
    return best[1] if best[0] > 0 else otherwise


def _weight(written: str) -> float:
    _, _, value = written.partition("=")
    try:
        return float(value) if value.strip() else 1.0
    except ValueError:
        return 0.0
