"""What lives where: every table in public or in the chains, none across, few in all."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models import CharField, Field, ForeignKey, Model, TextField

from regulars.tenancy.context import ChainInfo

MOST_TABLES = 50
MOST_RELATIONS = 200
NATURAL = {"OneToOneField", "CompositePrimaryKey"}  # keys that are facts of their own


def models(where: list[str]) -> Iterator[type[Model]]:
    for config in apps.get_app_configs():
        if config.name in where:
            yield from config.get_models(include_auto_created=True)


def fields(where: list[str]) -> "Iterator[Field[Any, Any]]":
    for model in models(where):
        yield from model._meta.local_fields


def relations(schema: str) -> list[tuple[str, str]]:
    """Return (kind, name) of every table, index and sequence of a schema."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relkind, relname FROM pg_class WHERE relnamespace = %s::regnamespace "
            "AND relkind IN ('r', 'p', 'i', 'I', 'S')",
            [schema],
        )
        return list(cursor.fetchall())


def test_every_application_with_tables_lives_in_exactly_one_place() -> None:
    both = set(settings.SHARED_APPS) & set(settings.TENANT_APPS)
    placed = {*settings.SHARED_APPS, *settings.TENANT_APPS}
    homeless = {
        config.name
        for config in apps.get_app_configs()
        if config.name not in placed and any(model._meta.managed for model in config.get_models())
    }

    assert both == set()
    assert homeless == set()


@pytest.mark.parametrize("where", ["SHARED_APPS", "TENANT_APPS"])
def test_no_foreign_key_crosses_between_public_and_a_chain(where: str) -> None:
    own = set(models(getattr(settings, where)))

    crossing = [
        str(field)
        for field in fields(getattr(settings, where))
        if isinstance(field, ForeignKey) and field.remote_field.model not in own
    ]

    # Django's own permissions name their content type; both are in public.
    assert crossing == []


def test_shared_tables_of_ours_are_named_with_their_schema() -> None:
    unqualified = [
        model._meta.label
        for model in models([each for each in settings.SHARED_APPS if each.startswith("regulars")])
        if not model._meta.db_table.startswith('"public"."')
    ]

    assert unqualified == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_an_empty_chain_has_few_tables_and_relations(aurum: ChainInfo) -> None:
    found = relations(aurum.schema_name)
    kinds = Counter(kind for kind, _name in found)

    assert kinds["r"] + kinds["p"] <= MOST_TABLES, kinds
    assert len(found) <= MOST_RELATIONS, kinds


@pytest.mark.django_db(databases=["default", "owner"])
def test_no_table_of_ours_has_a_doubled_pattern_index(aurum: ChainInfo) -> None:
    ours = {
        model._meta.db_table
        for model in models([each for each in settings.TENANT_APPS if each.startswith("regulars")])
    }
    doubled = [
        name
        for kind, name in relations(aurum.schema_name)
        if kind == "i" and name.endswith("_like") and any(name.startswith(each) for each in ours)
    ]

    assert doubled == []


@pytest.mark.django_db(databases=["default", "owner"])
def test_no_constraint_in_the_database_leaves_its_schema(aurum: ChainInfo) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid "
            "WHERE c.contype = 'f' AND c.connamespace <> t.relnamespace"
        )
        assert cursor.fetchall() == []


def test_text_keys_of_ours_are_unique_by_constraint_not_by_a_second_index() -> None:
    doubled = [
        str(field)
        for field in fields([each for each in settings.TENANT_APPS if each.startswith("regulars")])
        if isinstance(field, CharField | TextField)
        and (field.unique or getattr(field, "db_index", False))
    ]

    assert doubled == []


def test_every_table_of_ours_has_a_key_made_by_the_database() -> None:
    other = {
        model._meta.label
        for model in models([each for each in settings.TENANT_APPS if each.startswith("regulars")])
        if model._meta.pk.db_default.__class__.__name__ != "UUID7"
        and model._meta.pk.get_internal_type() not in NATURAL
    }

    assert {each for each in other if not each.startswith("insights.")} == set()
