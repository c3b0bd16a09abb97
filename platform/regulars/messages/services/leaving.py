"""The way out that every greeting and every offer by e-mail carries (P5, RFC 8058)."""

from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from regulars.messages.models import Channel, Contact, Purpose
from regulars.messages.services import receiving
from regulars.tenancy import context, hosts

PAGE: Final = "leave"


def link(row: Contact) -> str:
    """Return where its reader asks for no more like it; nothing for what always passes."""
    given = str(row.facts.get("unsubscribe", ""))
    if given or row.channel != Channel.EMAIL or row.purpose == Purpose.SERVICE:
        return given
    token = receiving.unsubscribe_token(row.pk)
    return hosts.address(reverse(PAGE, args=[token], urlconf=settings.CHAIN_URLCONF))


def with_way_out(row: Contact, way_out: str) -> str:
    """Return the text of a letter with its link below, in the language of the letter."""
    if row.channel != Channel.EMAIL or not way_out or way_out in row.text:
        return row.text
    with translation.override((row.language or context.current().language).lower()):
        sentence = _("You would rather not get such letters? One click is enough:")
    return f"{row.text}\n\n-- \n{sentence}\n{way_out}\n"
