"""Whatever a customer's name is made of, an answer is addressed to one mailbox: theirs."""

import pytest

from tests.connectors.kit import START
from tests.connectors.mail.accounts import mail_account, mail_letter, smtp_at
from tests.connectors.mail.letterbox import letterbox


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Smith, John", "Smith, John"),
        ("Eve <victim@acme.example>, Bob", "Eve <victim@acme.example>, Bob"),
        ("undisclosed: a;", "undisclosed: a;"),
        ('J (Sales) \\"x"', "J (Sales) x"),
        ("=?utf-8?q?x?= y", "=?utf-8?q?x?= y"),
        ("山田, 太郎", "山田, 太郎"),
        ('"\\"', ""),
    ],
)
async def test_an_answer_is_to_one_person_whatever_their_name(name: str, shown: str) -> None:
    async with letterbox() as box, mail_account(smtp=smtp_at(box.port)) as account:
        letter = mail_letter(address_name=name)
        await account.send(letter, account.prepare(letter, START))
    [posted] = box.posted
    [address] = posted.mail["To"].addresses
    assert (address.display_name.rstrip(), address.addr_spec) == (shown, "taro@example.com")
