"""Doing one thing with many complaints: first asked about, then done, and said what was not."""

from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from regulars.audit import Actor
from regulars.audit.decisions import require
from regulars.complaints import access, numbers
from regulars.complaints.models import Case
from regulars.staff import permissions
from regulars.staff import selectors as people
from regulars.web import toasts
from regulars.web.complaints import bulk_acts, counting, looks
from regulars.web.complaints.bulk_acts import MOST, Act, Asked, Result
from regulars.web.complaints.looks import Look
from regulars.web.contacts import serving
from regulars.web.forms import Form

_LONGEST: Final = 1_000
_ONCE: Final = "once"


class ActForm(Form):
    """What has to be known to do it: to whom, the same as which, and why."""

    to = forms.ChoiceField(label=gettext_lazy("Colleague"))
    other = forms.CharField(
        label=gettext_lazy("Number of the other complaint"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    text = forms.CharField(max_length=_LONGEST, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, data: QueryDict | None, *, act: Act, actor: Actor, cases: list[Case]
    ) -> None:
        super().__init__(data)
        self.actor = actor
        if act.key == "hand-on":
            near = people.colleagues(store_ids=frozenset(case.store_id for case in cases))
            names = [(str(pk), name) for pk, name in near.values_list("pk", "name")]
            cast(forms.ChoiceField, self.fields["to"]).choices = [("", _("Choose")), *names]
        else:
            del self.fields["to"]
        if act.key != "duplicate":
            del self.fields["other"]
        if act.words:
            self.fields["text"].label = str(act.words)
            self.fields["text"].help_text = str(act.hint)
        else:
            del self.fields["text"]

    def clean_other(self) -> UUID:
        """Return the other complaint, which somebody sees; raises ValidationError."""
        number = numbers.read(self.cleaned_data["other"])
        rows = access.visible(self.actor).filter(number=number) if number else None
        found = rows.values_list("pk", flat=True).first() if rows is not None else None
        if found is None:
            raise forms.ValidationError(_("There is no complaint of this number in your stores."))
        return found


@require_POST
@permissions.needs(access.HANDLE)
def bulk(request: HttpRequest) -> HttpResponse:
    """Ask what is needed to do it with those chosen, or with all of the filter; then do it.

    The second time the complaints are named, so that sending twice does nothing more.
    """
    actor, now = permissions.acting(request), timezone.now()
    look = Look.of(QueryDict(request.POST.get("query", "")[:1_000]))
    back = look.url
    act = next((each for each in bulk_acts.ACTS if each.key == request.POST.get("act")), None)
    if act is None:
        return _refused(request, _("Choose what is to be done."), back)
    require(actor, act.permission)
    ids, has_more = _ids(request), False
    if request.POST.get("every") and _ONCE not in request.POST:
        ids, has_more = bulk_acts.of_filter(actor, look.wanted(actor, now=now), now=now)
    if not ids:
        return _refused(request, _("Choose at least one complaint."), back)
    is_sure = _ONCE in request.POST
    is_plain = not act.words and not request.POST.get("every")  # nothing to ask about
    cases = bulk_acts.chosen(actor, ids)
    form = ActForm(request.POST if is_sure else None, act=act, actor=actor, cases=cases)
    is_whole = is_sure and form.is_valid()
    if is_plain or is_whole:
        given = form.cleaned_data if is_whole else {}
        asked = Asked(
            act=act.key,
            ids=ids,
            text=given.get("text", ""),
            to=looks.uuid_of(given.get("to", "")),
            other=given.get("other"),
            key=serving.key(request),
        )
        result = bulk_acts.carry_out(actor, asked, now=now)
        counting.forget(request)
        return _told(request, act, result, back)
    context: dict[str, Any] = {
        "place": "complaints",
        "act": act,
        "form": form,
        "cases": cases,
        "query": look.query,
        "back": back,
        "has_more": has_more,
        "most": MOST,
    }
    return render(request, "complaints/bulk.html", context, status=422 if form.errors else 200)


def _ids(request: HttpRequest) -> list[UUID]:
    given = (looks.uuid_of(each) for each in request.POST.getlist("case"))
    return list(dict.fromkeys(each for each in given if each is not None))[:MOST]


def _told(request: HttpRequest, act: Act, result: Result, back: str) -> HttpResponse:
    """Say of how many it was done, and of the others why not."""
    said = ngettext(
        "Done with %(number)d complaint.", "Done with %(number)d complaints.", result.done
    ) % {"number": result.done}
    if not result.refused:
        toasts.show(request, said)
        return HttpResponseRedirect(back)
    context = {
        "place": "complaints", "act": act, "said": said, "refused": result.refused, "back": back
    }  # fmt: skip
    return render(request, "complaints/bulk_done.html", context)


def _refused(request: HttpRequest, said: str, back: str) -> HttpResponse:
    toasts.show(request, said, tone="bad")
    return HttpResponseRedirect(back)
