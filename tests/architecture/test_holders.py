"""Whoever holds rows of a customer takes part in merges, erasures and disclosures."""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from regulars.customers.models import Customer
from regulars.usecases.holders import HOLDERS

# A table outside the holders needs a reason.
EXCEPT: dict[str, str] = {}


def of_customers() -> Iterator[type[Model]]:
    """Return every table of the chains that points at a customer, by key or by a bare column."""
    for config in apps.get_app_configs():
        if config.name not in settings.TENANT_APPS:
            continue
        for model in config.get_models(include_auto_created=True):
            points_at = [field.related_model for field in model._meta.local_fields]
            columns = {field.column for field in model._meta.local_fields}
            if Customer in points_at or "customer_id" in columns:
                yield model


def test_every_domain_with_rows_of_customers_is_a_holder() -> None:
    missing = {
        model._meta.label for model in of_customers() if model._meta.app_label not in HOLDERS
    }

    assert missing - set(EXCEPT) == set()


def test_every_exception_is_still_one() -> None:
    labels = {model._meta.label for model in of_customers()}

    assert set(EXCEPT) <= labels


def test_every_holder_holds_something_and_offers_what_a_holder_must() -> None:
    holding = {model._meta.app_label for model in of_customers()}
    verbs = ("reassign", "give_back", "erase", "disclose")

    assert set(HOLDERS) <= holding
    assert [
        (name, verb)
        for name, holder in HOLDERS.items()
        for verb in verbs
        if not callable(getattr(holder, verb, None))
    ] == []
