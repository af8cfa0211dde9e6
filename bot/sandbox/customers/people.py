"""Names the sample customers of the sandbox: who they are, where they read mail, what LINE calls them."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    name: str
    address: str
    language: str

    @property
    def line_user_id(self) -> str:
        """The id that LINE gives this person towards our account: `U` and 32 hexadecimal digits, always the same."""
        return "U" + hashlib.sha256(f"line user {self.key}".encode()).hexdigest()[:32]

    def shown(self) -> dict[str, str]:
        return {
            "key": self.key,
            "name": self.name,
            "address": self.address,
            "language": self.language,
            "line_user_id": self.line_user_id,
        }


PEOPLE: tuple[Person, ...] = (
    Person("misaki", "佐藤 美咲", "misaki.sato@customer.example", "ja"),
    Person("emma", "Emma Wilson", "emma.wilson@customer.example", "en"),
    Person("kenichi", "田中 健一", "kenichi.tanaka@customer.example", "ja"),
    Person("james", "James Carter", "james.carter@customer.example", "en"),
    Person("hina", "鈴木 陽菜", "hina.suzuki@customer.example", "ja"),
    Person("priya", "Priya Nair", "priya.nair@customer.example", "en"),
    Person("shota", "高橋 翔太", "shota.takahashi@customer.example", "ja"),
    Person("lucas", "Lucas Meyer", "lucas.meyer@customer.example", "en"),
)


def find_person(key: str) -> Person:
    """The person of that key; `KeyError` if there is none."""
    for person in PEOPLE:
        if person.key == key:
            return person
    raise KeyError(key)


def person_at(address: str) -> Person | None:
    """Whose mailbox this is, or nobody's."""
    wanted = address.strip().lower()
    return next((person for person in PEOPLE if person.address == wanted), None)


def person_on_line(line_user_id: str) -> Person | None:
    """Whose phone this is, or nobody's."""
    return next((person for person in PEOPLE if person.line_user_id == line_user_id), None)
