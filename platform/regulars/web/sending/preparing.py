"""A new batch: which words, by which channel, for whom, and when."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from regulars import registry
from regulars.audit import Actor
from regulars.customers.models import LifeEvent
from regulars.errors import RegularsError
from regulars.messages.gateways import chosen
from regulars.messages.models import Channel, Purpose
from regulars.messages.selectors import templates
from regulars.staff import permissions
from regulars.stores import selectors as stores
from regulars.tenancy import context
from regulars.usecases import batching
from regulars.usecases.batching import Audience
from regulars.web.forms import Form
from regulars.web.sending import batch_words
from regulars.web.sending.batches import PERMISSION
from regulars.web.texts import festivals
from regulars.web.texts.festivals import Festival

_FESTIVALS: Final = timedelta(days=60)
_MORNING: Final = time(10)
_SEEN: Final = 300  # stores that the form offers
_UNTIL: Final = (
    ("1", _("one day")),
    ("3", _("three days")),
    ("7", _("a week")),
    ("30", _("a month")),
)
_NOBODY_IN_PARTICULAR: Final = [("", _("any"))]


class BatchForm(Form):
    """A new batch. `goes` names a message and a channel it can go by."""

    once = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("For you; no customer reads it.")
    )
    goes = forms.ChoiceField(label=_("Text and channel"))
    place = forms.ChoiceField(label=_("Home store"), required=False)
    tier = forms.ChoiceField(label=_("Level"), required=False)
    segment = forms.ChoiceField(label=_("Group of customers"), required=False)
    occasion = forms.ChoiceField(label=_("A day of theirs is near"), required=False)
    days = forms.IntegerField(
        label=_("within how many days"),
        min_value=0,
        max_value=batching.MOST_DAYS_AHEAD,
        initial=7,
        required=False,
    )
    at = forms.DateTimeField(
        label=_("Send from"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
        help_text=_(
            "Empty: as soon as you let it go. Whoever has quiet hours then gets it after them."
        ),
    )
    until = forms.ChoiceField(
        label=_("Makes sense for"),
        choices=_UNTIL,
        initial="3",
        help_text=_("What could only go later stays at home."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or ""
        vertical = registry.vertical()
        tiers = [
            (each.key, each.label.text(language)) for each in vertical.tiers if not each.retired
        ]
        segments = [
            (each.key, each.title.text(language)) for each in vertical.segments if not each.retired
        ]
        self.choose("goes", list(_ways(language)))
        self.choose("place", [*_NOBODY_IN_PARTICULAR, *_places(actor)])
        self.choose("tier", [*_NOBODY_IN_PARTICULAR, *tiers])
        self.choose("segment", [*_NOBODY_IN_PARTICULAR, *segments])
        self.choose("occasion", [*_NOBODY_IN_PARTICULAR, *LifeEvent.Kind.choices])

    def choose(self, name: str, choices: list[Any]) -> None:
        """Set what a field offers."""
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_at(self) -> datetime | None:
        """Return when it goes; the days it makes sense for are counted from then."""
        at: datetime | None = self.cleaned_data["at"]
        try:
            batching.check_at(at, now=timezone.now())
        except batching.NotThen as fault:
            raise ValidationError(str(fault)) from None
        return at

    @property
    def audience(self) -> Audience:
        """Whom it is for."""
        given = self.cleaned_data
        kind, _colon, key = given["place"].partition(":")
        return Audience(
            store_id=UUID(key) if kind == "store" else None,
            region_id=UUID(key) if kind == "region" else None,
            tier=given["tier"],
            segment=given["segment"],
            occasion=given["occasion"],
            days=(given["days"] or 0) if given["occasion"] else 0,
        )

    @property
    def key(self) -> UUID | None:
        """What makes a double tap one batch; the same page with other choices is another one."""
        given = dict(self.cleaned_data)
        once: UUID | None = given.pop("once")
        return uuid5(once, repr(sorted(given.items()))) if once else None

    def not_after(self, now: datetime) -> datetime:
        """Until when it makes sense."""
        begins = self.cleaned_data["at"] or now
        last: datetime = begins + timedelta(days=int(self.cleaned_data["until"]))
        return last


def _ways(language: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield the texts that some channel carries, by purpose."""
    is_open = chosen.channels()
    for purpose in (Purpose.CARE, Purpose.SELLING, Purpose.SERVICE):
        ways = [
            (
                f"{message.key}:{channel}",
                f"{Channel(channel).label} · {batch_words.spoken(message)}",
            )
            for message in templates.library(purpose=purpose)
            for channel in message.channels
            if channel in is_open
        ]
        if ways:
            yield str(purpose.label), ways


def _places(actor: Actor) -> Iterator[tuple[str, Any]]:
    regions = stores.visible_regions(actor.scope).values_list("pk", "name")[:_SEEN]
    found = stores.open_stores(actor.scope).values_list("pk", "name")[:_SEEN]
    if regions:
        yield str(_("Regions")), [(f"region:{pk}", name) for pk, name in regions]
    yield str(_("Stores")), [(f"store:{pk}", name) for pk, name in found]


def _for(festival: Festival) -> dict[str, Any]:
    """Return what a batch for a day for everybody begins with: its words, at ten on that day."""
    open_channels = chosen.channels()
    ways = (
        f"{message.key}:{channel}"
        for message in templates.library(occasion=festival.occasion, purpose=Purpose.CARE)
        for channel in message.channels
        if channel in open_channels
    )
    at = datetime.combine(festival.on, _MORNING, context.current().zone)
    return {
        "title": f"{festival.label} {festival.on.year}",
        "goes": next(ways, ""),
        "at": at if at > timezone.now() else None,
        "until": "1",
    }


@require_http_methods(["GET", "POST"])
@permissions.needs(PERMISSION)
def new(request: HttpRequest) -> HttpResponse:
    """Have a batch put together; nothing goes before it was looked at."""
    actor, now = permissions.acting(request), timezone.now()
    language = get_language() or ""
    today = now.astimezone(context.current().zone).date()
    days = festivals.coming(today=today, ahead=_FESTIVALS, language=language)
    wanted = next((each for each in days if each.occasion == request.GET.get("day")), None)
    form = BatchForm(request.POST or None, actor=actor, initial=_for(wanted) if wanted else None)
    if request.method == "POST" and form.is_valid():
        template, _colon, channel = form.cleaned_data["goes"].partition(":")
        try:
            batch_id = batching.prepare(
                actor=actor,
                title=form.cleaned_data["title"],
                template=template,
                channel=channel,
                audience=form.audience,
                at=form.cleaned_data["at"],
                not_after=form.not_after(now),
                once=form.key,
                now=now,
            )
        except RegularsError as fault:
            form.refuse(fault)
        else:
            return HttpResponseRedirect(reverse("batch", args=[batch_id]))
    shown = {
        "place": "messages",
        "form": form,
        "has_ways": bool(getattr(form.fields["goes"], "choices", None)),
        "zone": context.current().time_zone,
        "festivals": [each for each in days if each.words_url],
        "chosen_day": wanted,
    }
    return render(request, "sending/batch_new.html", shown, status=422 if form.errors else 200)
