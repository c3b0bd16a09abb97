"""Figures against a slow count of the same facts: late, returned, voided, moved, anonymous."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from regulars.insights.models import CHAIN
from regulars.insights.periods import Days
from regulars.insights.selectors import figures
from regulars.tenancy.context import ChainInfo

assert RuleBasedStateMachine, (Callable, timedelta, UUID, HealthCheck, given, settings, st, pytest, date, datetime, figures, CHAIN, Days, ChainInfo)
