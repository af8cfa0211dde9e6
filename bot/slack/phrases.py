"""The few sentences that the Slack side says by itself, in English and Japanese."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a person reads when the desk has not answered, or not with words of its own."""

    title: str
    opening: str
    close: str
    submit: str
    not_saved: str
    not_done: str
    not_opened: str
    not_genuine: str
    saved: str
    done: str
    part: str


ENGLISH = Phrases(
    title="Madoguchi",
    opening="One moment…",
    close="Close",
    submit="OK",
    not_saved="This could not be saved just now. Your text is still here: please press again.",
    not_done="This could not be done just now, and nothing was changed. Please press again.",
    not_opened="The form could not be opened just now. Please press again.",
    not_genuine="This button is not one that we made, so nothing was done. Please use the newest card.",
    saved="It is saved after all. You can close this window.",
    done="Done.",
    part="{label} ({number} of {count})",
)

JAPANESE = Phrases(
    title="窓口",
    opening="少々お待ちください…",
    close="閉じる",
    submit="OK",
    not_saved="ただいま保存できませんでした。入力内容はこのまま残っています。もう一度押してください。",
    not_done="ただいま実行できませんでした。何も変更されていません。もう一度押してください。",
    not_opened="フォームを開けませんでした。もう一度押してください。",
    not_genuine="このボタンは正しいものと確認できなかったため、何も実行していません。最新のカードからお試しください。",
    saved="保存が完了しました。この画面は閉じて構いません。",
    done="完了しました。",
    part="{label}（{number}/{count}）",
)

_BY_LANGUAGE = {"en": ENGLISH, "ja": JAPANESE}


def phrases(language: str) -> Phrases:
    """By a language's short name ("ja"); English where there is none."""
    return _BY_LANGUAGE.get(language[:2].lower(), ENGLISH)
