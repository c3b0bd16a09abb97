"""The form of a new key."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from regulars.api.scopes import SCOPES
from regulars.audit import Scope
from regulars.stores import selectors as stores
from regulars.web.forms import Form


class KeyForm(Form):
    """A name to know it by, what it may do, and for which store."""

    name = forms.CharField(
        label=pgettext_lazy("thing", "Name"),
        max_length=80,
        help_text=_("What will use it: “Tills of the Nanjing Road store”."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("May"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    store = forms.TypedChoiceField(label=_("Store"), required=False, empty_value=None)

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["store"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        offered = stores.open_stores(scope).values_list("pk", "name")
        field.choices = [("", _("Every store")), *((str(pk), name) for pk, name in offered)]
