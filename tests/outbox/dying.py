"""A worker that does not live to finish its work."""

import time
from datetime import datetime, timedelta
from typing import Final

from regulars.outbox import handlers, services
from regulars.stores.models import Region
from regulars.tenancy import context, directory
from regulars.tenancy.identifiers import new_id
from tests.mortals import Says

EFFECT: Final = "tests.effect"
SECONDS: Final = 0.003  # between an effect and the note that it is done


def work_off(says: Says, lease: timedelta | None) -> None:
    """Do aurum's due work, telling after each effect what was done, before it is marked done."""

    def effect(*, word: str, now: datetime) -> None:
        Region(code=new_id().hex[-30:], name=word).save(force_insert=True)
        says(word)
        time.sleep(SECONDS)

    handlers.handler(EFFECT, lease=lease)(effect)
    chain = directory.find("aurum")
    assert chain is not None
    with context.inside(chain):
        while services.work_off():
            pass
