"""Writes the mails that the tests' customers send."""

from email.message import EmailMessage
from email.policy import SMTP

from tests.inner import ADDRESS


def a_mail(
    text: str = "My parcel has not come.",
    *,
    sender: str = "Hana Sato <hana@customer.example>",
    subject: str = "Where is my parcel?",
    message_id: str = "<first@customer.example>",
    answers: str = "",
    to: str = ADDRESS,
    copy: str = "",
    **headers: str,
) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = to
    if copy:
        mail["Cc"] = copy
    mail["Subject"] = subject
    mail["Message-ID"] = message_id
    mail["Date"] = "Sun, 22 Nov 2026 10:00:00 +0900"
    if answers:
        mail["In-Reply-To"] = answers
        mail["References"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()
