"""What the settings page leads to. Whoever builds a page of settings adds its card here."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from regulars.audit import Actor
from regulars.audit.decisions import allows
from regulars.web import navigation


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A card: shown when its page exists and the person has one of its permissions."""

    label: str | Promise
    hint: str | Promise
    icon: str
    url_name: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """Cards that belong together."""

    label: str | Promise
    entries: tuple[Entry, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        label=_("People and places"),
        entries=(
            Entry(
                label=_("Team"),
                hint=_("Who works here, what they may do, invitations and PINs"),
                icon="users-group",
                url_name="team",
                permissions=("team.manage",),
            ),
            Entry(
                label=_("Stores and regions"),
                hint=_("Addresses, opening hours, shared tablets"),
                icon="building-store",
                url_name="stores",
                permissions=("stores.edit", "stores.manage"),
            ),
        ),
    ),
    Group(
        label=_("How the chain works"),
        entries=(
            Entry(
                label=_("Rules"),
                hint=_("Points, levels, fields and other policies of the chain"),
                icon="adjustments",
                url_name="rules",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Texts"),
                hint=_("Words for every occasion, and lists of words not to use"),
                icon="blockquote",
                url_name="texts",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Kinds of complaint"),
                hint=_("What is asked, what is done first, by when, and what makes good"),
                icon="message-report",
                url_name="complaint_kinds",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Contact budget"),
                hint=_("How often a customer may be contacted, and at what hours"),
                icon="adjustments-horizontal",
                url_name="budget",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Addresses not to be used"),
                hint=_("Who asked for no more messages, and what came back"),
                icon="mail-off",
                url_name="stopped",
                permissions=("customers.edit",),
            ),
            Entry(
                label=_("Follow-up plans"),
                hint=_("What is done with customers after what, in which words, and what is asked"),
                icon="timeline",
                url_name="plans",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Surveys"),
                hint=_("What customers are asked about their satisfaction, when and how often"),
                icon="message-chatbot",
                url_name="survey_settings",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Tablets for customers"),
                hint=_("The question at the counter: the link of each store"),
                icon="device-tablet",
                url_name="survey_tablets",
                permissions=("stores.edit",),
            ),
            Entry(
                label=_("Gifts"),
                hint=_("What is given for birthdays and other days, by level and taste"),
                icon="gift",
                url_name="gift_rules",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Guides who fall silent"),
                hint=_("When a customer gets another guide, seen before it happens"),
                icon="arrows-exchange",
                url_name="ownership",
                permissions=("rules.manage",),
            ),
            Entry(
                label=_("Name and colour"),
                hint=_("How the chain presents itself on every page"),
                icon="palette",
                url_name="look",
                permissions=("chain.manage",),
            ),
        ),
    ),
    Group(
        label=_("Data and systems"),
        entries=(
            Entry(
                label=_("Imports"),
                hint=_("Bring customers and purchases in from files, and take them back"),
                icon="file-import",
                url_name="imports",
                permissions=("imports.run",),
            ),
            Entry(
                label=_("API keys"),
                hint=_("Let tills and partners in, and lock them out"),
                icon="key",
                url_name="keys",
                permissions=("keys.manage",),
            ),
            Entry(
                label=_("Providers of messages"),
                hint=_("Who carries text messages, e-mails and WeChat for you"),
                icon="send",
                url_name="providers",
                permissions=("keys.manage",),
            ),
        ),
    ),
    Group(
        label=_("Account"),
        entries=(
            Entry(
                label=_("Subscription"),
                hint=_("Plan, stores and invoices"),
                icon="credit-card",
                url_name="billing",
                permissions=("billing.manage",),
            ),
            Entry(
                label=_("My account"),
                hint=_("Name, language, password, PIN and two-step sign-in"),
                icon="user",
                url_name="profile",
            ),
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """An entry as the page shows it."""

    label: str
    hint: str
    icon: str
    url: str


def cards(actor: Actor, groups: tuple[Group, ...] = GROUPS) -> list[tuple[str, list[Card]]]:
    """Return the groups with the cards this person may use; empty groups are left out."""
    found = []
    for group in groups:
        shown = [
            Card(label=str(entry.label), hint=str(entry.hint), icon=entry.icon, url=url)
            for entry in group.entries
            if (url := navigation.address(entry.url_name)) and _is_for(actor, entry)
        ]
        if shown:
            found.append((str(group.label), shown))
    return found


def _is_for(actor: Actor, entry: Entry) -> bool:
    return not entry.permissions or any(allows(actor, each) for each in entry.permissions)
