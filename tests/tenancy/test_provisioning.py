"""Chains come into being from spare schemas, one after another, and never share one."""

from datetime import datetime

import pytest
from django.db import connection

from regulars.tenancy import context
from regulars.tenancy.context import ChainInfo
from regulars.tenancy.models import Chain


def test_a_confirmed_chain_is_active_and_has_a_schema_of_its_own(
    aurum: ChainInfo, bloom: ChainInfo
) -> None:
    assert aurum.state == bloom.state == Chain.State.ACTIVE
    assert aurum.schema_name != bloom.schema_name


def test_a_cursor_outside_every_chain_raises(aurum: ChainInfo) -> None:
    with context.inside(aurum):
        pass
    context.reset()

    with pytest.raises(Exception, match="schema not set"):
        connection.cursor()
