"""The shape every table of ours shares: a time-ordered key made by the database."""

from django.db import models
from django.db.models.functions import UUID7


class Row(models.Model):
    """A row with a UUIDv7 primary key, so that newer rows sort and lie together."""

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)

    class Meta:
        abstract = True
