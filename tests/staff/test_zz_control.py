import pytest
from regulars.staff import granting
from tests.staff import test_races as t
@pytest.fixture(autouse=True)
def _off(monkeypatch): monkeypatch.setattr(granting,"one_at_a_time",lambda: None)
test_a = t.test_two_owners_who_leave_at_once_do_not_both_get_away
test_b = t.test_two_invitations_of_one_address_make_one_person
