"""Sub-domains: what is accepted, what is refused, and with which reason."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.tenancy import names
from regulars.tenancy.names import SubdomainRefused

HOSTILE = [
    "", " ", "a", "ab", "x" * 41, "-abc", "abc-", "a--b", "xn--80ak6aa92e", "12345", "www", "WWW",
    "admin", "api", "localhost", "regulars", "postgres", "t-abc", "a.b", "a..b", "a/b", "a\\b",
    "a b", "a\tb", "a\nb", "a\x00b", "a'b", 'a"b', "a;drop schema public", "../etc", "%2e",
    "a%00", "<script>", "${jndi}", "{{7*7}}", "金店", "аurum", "ａurum", "aurum\u200b", "é", "a_b",
    "abc.", "public", "pg_catalog", "null\u0000", "a@b", "a:80", "-", "--", "mail", "wpad",
]  # fmt: skip


@pytest.mark.parametrize("wish", HOSTILE)
def test_a_hostile_or_reserved_sub_domain_is_refused_with_a_sentence(wish: str) -> None:
    with pytest.raises(SubdomainRefused) as refusal:
        names.checked_subdomain(wish)

    assert len(str(refusal.value)) > 10


@pytest.mark.parametrize(
    ("wish", "name"), [("Aurum", "aurum"), (" lao-fengxiang ", "lao-fengxiang")]
)
def test_a_good_sub_domain_is_kept_in_lower_case(wish: str, name: str) -> None:
    assert names.checked_subdomain(wish) == name


@given(st.text(max_size=50))
def test_whatever_is_accepted_is_a_plain_host_label(wish: str) -> None:
    try:
        name = names.checked_subdomain(wish)
    except SubdomainRefused:
        return
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]", name)
    assert name not in names.RESERVED


def test_schema_names_are_random_and_fit_the_pattern() -> None:
    made = {names.new_schema_name() for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(names.SCHEMA_PATTERN, name) for name in made)
