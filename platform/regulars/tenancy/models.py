"""Tables of the control plane, in the public schema, with qualified names: public is not on a
chain's search path, so that a missing chain table can never be read from here by mistake."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from regulars.tenancy.names import SCHEMA_PATTERN
from regulars.tenancy.rows import Row


class Chain(TenantMixin, Row):  # type: ignore[misc, django-manager-missing]
    """One company with its stores: the tenant."""

    class State(models.TextChoices):
        """The way from a wish to a workspace, and the ways it can end."""

        RESERVED = "reserved", _("reserved")
        CREATED = "created", _("created")
        MIGRATED = "migrated", _("migrated")
        SEEDED = "seeded", _("seeded")
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")
        DELETING = "deleting", _("being deleted")
        DELETED = "deleted", _("deleted")

    auto_create_schema = False  # schemas are made by tenancy.provisioning alone

    schema_name = models.CharField(max_length=28, unique=True)
    name = models.CharField(max_length=120)
    vertical = models.CharField(max_length=40)
    language = models.CharField(max_length=10, default="zh-hans")
    currency = models.CharField(max_length=3, default="CNY")
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    country = models.CharField(max_length=2, default="CN")
    accent = models.CharField(max_length=7, blank=True, default="")  # "#0f766e"; empty: ours
    state = models.CharField(max_length=10, choices=State, default=State.RESERVED)
    state_reason = models.CharField(max_length=200, blank=True, default="")
    schema_version = models.IntegerField(default=0)
    schema_step = models.IntegerField(default=0)
    schema_fault = models.TextField(blank=True, default="")
    owner_email = models.EmailField()
    is_demo = models.BooleanField(default=False)
    plan = models.CharField(max_length=40, default="chain", db_default="chain")  # of billing
    access = models.CharField(max_length=10, default="full", db_default="full")  # of billing
    standing = models.CharField(max_length=12, blank=True, default="", db_default="")  # of billing
    standing_until = models.DateTimeField(null=True)  # of billing
    created_at = models.DateTimeField(db_default=Now())
    activated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = '"public"."tenancy_chain"'
        constraints = [
            models.CheckConstraint(
                condition=models.Q(schema_name__regex=SCHEMA_PATTERN),
                name="chain_schema_name_is_random",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def _check_schema_name_is_unique(self) -> None:
        """Do not read every chain for a name in other letters: ours are random and lower case."""


class Domain(DomainMixin):  # type: ignore[misc]
    """A sub-domain of ours under which a chain is reached; `domain` holds the label alone."""

    domain = models.CharField(max_length=63, unique=True)
    tenant = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="domains")
    is_primary = models.BooleanField(default=True)

    class Meta:
        db_table = '"public"."tenancy_domain"'
        constraints = [
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_primary=True), name="one_primary_domain"
            )
        ]

    def __str__(self) -> str:
        return self.domain


class Schema(models.Model):
    """Every schema this installation made, for ever: a name that stands here is never reused."""

    class State(models.TextChoices):
        """Made and waiting, taken by a chain, or gone."""

        SPARE = "spare", _("spare")
        TAKEN = "taken", _("taken")
        DROPPED = "dropped", _("dropped")

    name = models.CharField(max_length=28, primary_key=True)
    state = models.CharField(max_length=8, choices=State, default=State.SPARE)
    version = models.IntegerField(default=0)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = '"public"."tenancy_schema"'
        indexes = [
            models.Index(
                fields=["made_at"], condition=models.Q(state="spare"), name="tenancy_spare_schemas"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(name__regex=SCHEMA_PATTERN), name="schema_name_is_random"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """The SQL of one migration of the chains' schemas, recorded while the template was migrated."""

    version = models.AutoField(primary_key=True)
    key = models.CharField(max_length=200, unique=True)  # "customers.0001_initial"
    statements = models.JSONField()
    atomic = models.BooleanField(default=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = '"public"."tenancy_release"'

    def __str__(self) -> str:
        return f"{self.version} {self.key}"


class Signup(Row):
    """A wish for a chain whose e-mail address is not confirmed yet. No schema is taken."""

    token_hash = models.CharField(max_length=64, unique=True)
    company = models.CharField(max_length=120)
    subdomain = models.CharField(max_length=63)
    vertical = models.CharField(max_length=40)
    owner_name = models.CharField(max_length=80)
    owner_email = models.EmailField()
    password = models.CharField(max_length=128)  # already hashed
    language = models.CharField(max_length=10)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    chain = models.OneToOneField(Chain, on_delete=models.SET_NULL, null=True)

    class Meta:
        db_table = '"public"."tenancy_signup"'

    def __str__(self) -> str:
        return f"{self.company} ({self.subdomain})"


class Membership(models.Model):
    """Which chains an e-mail address works in, by keyed digest, for “which chain was it?”."""

    id = models.BigAutoField(primary_key=True)
    digest = models.CharField(max_length=64)
    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table = '"public"."tenancy_membership"'
        constraints = [
            models.UniqueConstraint(fields=["digest", "chain"], name="one_membership_per_chain")
        ]

    def __str__(self) -> str:
        return f"{self.digest[:8]} {self.chain_id}"
