"""Keys of tills and partners, and what was answered to whom."""

from django.db import models
from django.db.models.functions import Now

from regulars.tenancy.rows import Row


class Key(Row):
    """An API key; only its hash is kept. A key may be bound to one store."""

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    store_id = models.UUIDField(null=True)
    created_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    kept_back: list[tuple[str, bool, bool]] | None = None  # no field: read along (keys.recognise)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix"], name="api_key_prefix")]

    def __str__(self) -> str:
        return self.name


class Answer(Row):
    """The first 2xx answer under an idempotency key, replayed byte for byte for seven days."""

    api_key_id = models.UUIDField()
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)  # of method, path and body
    status = models.SmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key_id", "key"], name="answer_key")]

    def __str__(self) -> str:
        return self.key
