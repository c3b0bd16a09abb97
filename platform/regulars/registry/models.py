"""What head office made of the vertical's declarations, and the chain's own policies."""

from django.db import models
from django.db.models.functions import Now

from regulars.tenancy.rows import Row


class Declaration(Row):
    """A change to one declared noun of the vertical, a declaration of the chain's own, or a policy.

    What is not written here follows the vertical through its upgrades. `noun` is the kit's
    ("field", "rate", "message" …) or "policy"; `store_id`/`region_id` vary it locally (H3).
    """

    noun = models.CharField(max_length=20)
    key = models.CharField(max_length=60)
    region_id = models.UUIDField(null=True)
    store_id = models.UUIDField(null=True)
    body = models.JSONField(default=dict)
    based_on = models.CharField(max_length=20, blank=True, default="")  # version of the vertical
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["noun", "key", "region_id", "store_id"],
                nulls_distinct=False,
                name="one_declaration_per_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.key}"
