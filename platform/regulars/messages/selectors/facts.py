"""What placeholders stand for, for some customers: profile, purchase, possession, guide, store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from babel import dates, numbers

from regulars import registry
from regulars.customers import addressing
from regulars.customers.models import Customer, Possession
from regulars.kit import describing
from regulars.kit.labels import Language, language_of
from regulars.kit.schema import Field
from regulars.purchases.models import Purchase
from regulars.staff.models import Staff
from regulars.stores.models import Store
from regulars.tenancy import context

_LOCALES: Final[dict[Language, str]] = {"zh-Hans": "zh_Hans", "zh-Hant": "zh_Hant", "en": "en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a message is for, and what it is about.

    Guide and store are the customer's own unless given. `further` are values this domain does not
    know, such as ``customer.points`` and ``link``; what they say goes.
    """

    customer_id: UUID
    guide_id: UUID | None = None
    store_id: UUID | None = None
    purchase_id: UUID | None = None
    possession_id: UUID | None = None
    language: str = ""
    further: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """The values of placeholders by name, in a language; what has no value is left out."""

    language: Language
    values: dict[str, str]


def of_many(subjects: Sequence[Subject]) -> list[Facts]:
    """Return the facts of each subject, in at most six statements; nothing of whom there is not.

    What belongs to another customer is not told. Sensitive fields never are.
    """
    customers = _by_id(Customer, {each.customer_id for each in subjects})
    purchases = _by_id(Purchase, {each.purchase_id for each in subjects}, "lines")
    possessions = _by_id(Possession, {each.possession_id for each in subjects})
    homes = [customers.get(each.customer_id) for each in subjects]
    guides = _by_id(
        Staff,
        {each.guide_id for each in subjects} | {home.owner_id for home in homes if home},
    )
    stores = _by_id(
        Store,
        {each.store_id for each in subjects} | {home.home_store_id for home in homes if home},
    )
    found = []
    for subject, customer in zip(subjects, homes, strict=True):
        language = language_of(
            subject.language or (customer and customer.language) or context.current().language
        )
        values = {"chain.name": context.current().name}
        if customer is not None:
            values |= _of_customer(customer, language)
            values |= _of_people(
                guides.get(subject.guide_id or customer.owner_id),
                stores.get(subject.store_id or customer.home_store_id),
            )
            purchase = purchases.get(subject.purchase_id)
            if purchase is not None and purchase.customer_id == customer.pk:
                values |= _of_purchase(purchase, language)
            possession = possessions.get(subject.possession_id)
            if possession is not None and possession.customer_id == customer.pk:
                values |= _of_possession(possession, language)
        values |= subject.further
        found.append(Facts(language, {key: value for key, value in values.items() if value}))
    return found


def _by_id(model: type[Any], ids: set[UUID | None], *prefetched: str) -> dict[UUID | None, Any]:
    wanted = [each for each in ids if each is not None]
    if not wanted:
        return {}
    rows = model._default_manager.filter(pk__in=wanted).prefetch_related(*prefetched)
    return {row.pk: row for row in rows}


def _of_customer(customer: Customer, language: Language) -> dict[str, str]:
    own = registry.vertical().fields_on("customer")
    return {
        **_shown("customer", own, customer.extra, language),
        "customer.name": customer.name,
        "customer.salutation": addressing.salutation(customer.name, customer.gender, language),
    }


def _of_people(guide: Staff | None, store: Store | None) -> dict[str, str]:
    values: dict[str, str] = {}
    if guide is not None and guide.is_active:
        values |= {"guide.name": guide.name, "guide.phone": guide.phone}
    if store is not None:
        address = "".join((store.province, store.city, store.address))
        values |= {
            "store.name": store.name,
            "store.phone": store.phone,
            "store.address": address,
        }
    return values


def _of_purchase(purchase: Purchase, language: Language) -> dict[str, str]:
    chain = context.current()
    # What cost most is what it was about.
    lines = sorted(purchase.lines.all(), key=lambda line: (-line.paid_minor, line.position))
    products = [line.product_name for line in lines if line.product_name]
    exponent = numbers.get_currency_precision(chain.currency)
    locale = _LOCALES[language]
    return {
        **_shown("purchase", registry.vertical().fields_on("purchase"), purchase.extra, language),
        "purchase.product": products[0] if products else "",
        "purchase.day": dates.format_date(purchase.business_day, "long", locale=locale),
        "purchase.amount": numbers.format_currency(
            purchase.paid_minor / 10**exponent, chain.currency, locale=locale
        ),
    }


def _of_possession(possession: Possession, language: Language) -> dict[str, str]:
    declared = registry.vertical().possession(possession.kind)
    name = declared.label.text(language) if declared else ""
    own = declared.fields if declared else ()
    return {
        **_shown("possession", own, possession.extra, language),
        "possession.name": possession.title or name,
    }


def _shown(
    on: str, declared: Sequence[Field], values: Mapping[str, Any], language: Language
) -> dict[str, str]:
    return {
        f"{on}.{each.key}": describing.show(each, values[each.key], language=language)
        for each in declared
        if each.key in values and not each.sensitive
    }
