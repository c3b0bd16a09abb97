"""How a customer is addressed: by surname and title where the name says which is which."""

from typing import Final

from regulars.customers import naming, surnames
from regulars.customers.models import Customer
from regulars.kit.labels import language_of

_TITLES: Final[dict[str, str]] = {Customer.Gender.FEMALE: "女士", Customer.Gender.MALE: "先生"}


def salutation(name: str, gender: str, language: str) -> str:
    """Return 王女士, 欧阳先生, or the whole name where title or surname is not certain.

    What the customer did not tell is not guessed at: without a gender the name stands alone.
    """
    title = _TITLES.get(gender)
    is_chinese = 2 <= len(name) <= 4 and all(naming.is_han(char) for char in name)
    if title is None or not is_chinese or language_of(language) == "en":
        return name
    is_double = name[:2] in surnames.DOUBLE and len(name) > 2
    return f"{name[: 2 if is_double else 1]}{title}"
