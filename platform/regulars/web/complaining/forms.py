"""What somebody outside fills in: a complaint, a further word, and pictures for either."""

from functools import cached_property
from typing import IO, Any, Final, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars.complaints import held_pictures, pictures
from regulars.complaints.held_pictures import Held
from regulars.complaints.pictures import Upload
from regulars.complaints.services.opening import Draft
from regulars.complaints.services.writing import LONGEST_TEXT
from regulars.errors import RegularsError
from regulars.kit import Complaint
from regulars.tenancy import context
from regulars.web import uploads, vertical_fields
from regulars.web.complaining.places import Place
from regulars.web.forms import Form, PhoneField

ACCEPT: Final = "image/jpeg,image/png,image/webp"
MOST_MB: Final = pictures.MOST_BYTES // 1024**2
_ROOM: Final = pictures.MOST
_ASK: Final = "ask-"
_ALL: Final = ""  # of the lines of a purchase: none in particular


class _Pictures(forms.ClearableFileInput):
    """A plain control for several files; phones offer their camera with it."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class WordsForm(Form):
    """Words and pictures; either will do. `held` are pictures it brought along before."""

    text = forms.CharField(
        label=gettext_lazy("Your message"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    pictures = forms.FileField(
        label=gettext_lazy("Pictures"),
        required=False,
        widget=_Pictures(attrs={"multiple": True, "accept": ACCEPT}),
    )

    def __init__(
        self,
        request: HttpRequest,
        *,
        room: int = _ROOM,
        held: tuple[Held, ...] = (),
        **given: Any,
    ) -> None:
        posted = request.method == "POST"
        super().__init__(request.POST if posted else None, **given)
        self.request = request
        self.room = room
        self.hold(held)

    def hold(self, held: tuple[Held, ...]) -> None:
        """Take over pictures that are kept already, and leave room for so many less."""
        self.held = held
        limit = {"most": max(0, self.room - len(held)), "mb": MOST_MB}
        self["pictures"].help_text = (
            _("At most %(most)s, JPEG, PNG or WebP, each up to %(mb)s MB.") % limit
        )
        self.fields["pictures"].widget.attrs |= {
            "data-most": limit["most"],
            "data-most-bytes": pictures.MOST_BYTES,
            "data-too-many": _("At most %(most)s pictures, please.") % limit,
            "data-too-large": str(pictures.TOO_LARGE),
        }

    @cached_property
    def files_sent(self) -> list[Upload]:
        """Return the pictures that came along now or before; what is kept already is not new."""
        found: list[Upload] = [*held_pictures.drawn(self.held)]
        known = {each.digest for each in self.held}
        sent = [cast("IO[bytes]", each.file) for each in self._uploads]
        return found + [each for each in sent if pictures.digest(each) not in known]

    @property
    def fresh(self) -> "list[IO[bytes]]":
        """Return the pictures that are not kept yet."""
        return [each for each in self.files_sent if not isinstance(each, pictures.Drawn)]

    @property
    def _uploads(self) -> "list[UploadedFile[Any]]":
        return cast("list[UploadedFile[Any]]", self.request.FILES.getlist("pictures"))

    def clean(self) -> dict[str, Any]:
        """Say before anything is looked at that it is too much."""
        if uploads.is_too_much(self.request):
            self.add_error("pictures", _("These pictures are too large together. Send fewer."))
        elif len(self.files_sent) > self.room:
            self.add_error("pictures", str(pictures.TOO_MANY))
        elif any((each.size or 0) > pictures.MOST_BYTES for each in self._uploads):
            self.add_error("pictures", str(pictures.TOO_LARGE))
        elif len(self.files_sent) - len(self.fresh) < len(self.held):  # their day is over
            self.add_error("pictures", _("Please choose your pictures again."))
        return self.cleaned_data


class ComplaintForm(WordsForm):
    """A complaint about a shop or a purchase; what is asked further its kind says."""

    homepage = forms.CharField(required=False, max_length=200)  # nobody sees it: `is_trapped`
    name = forms.CharField(label=gettext_lazy("Your name"), required=False, max_length=80)
    phone = PhoneField(label=gettext_lazy("Phone"), required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False, max_length=254)

    def __init__(
        self,
        request: HttpRequest,
        *,
        place: Place,
        kind: Complaint | None,
        language: str,
        **given: Any,
    ) -> None:
        super().__init__(request, **given)
        self.place, self.kind, self.language = place, kind, language
        asks = kind.asks if kind else ()
        self.asks = [each for each in asks if each.asks_customer and not each.retired]
        self.fields["text"].label = _("What happened?")
        self.fields["text"].required = True
        phone = cast("PhoneField", self.fields["phone"])
        phone.region = context.current().country
        for name, token in (("name", "name"), ("phone", "tel"), ("email", "email")):
            self.fields[name].widget.attrs["autocomplete"] = token
        for ask in self.asks:
            control = vertical_fields.control(ask, language=language)
            control.required = ask.required
            self.fields[f"{_ASK}{ask.key}"] = control
        if len(place.lines) > 1:
            named = [(str(each.pk), _name_of(each)) for each in place.lines]
            self.fields["line"] = forms.ChoiceField(
                label=_("What is it about?"),
                choices=[(_ALL, _("All of it, or something else")), *named],
                required=False,
            )
        self.dress()

    @property
    def is_trapped(self) -> bool:
        """Say whether a field was filled in that people do not see."""
        return bool(self.cleaned_data.get("homepage"))

    @property
    def asked(self) -> list[forms.BoundField]:
        """Return the questions of this kind of complaint."""
        return [self[f"{_ASK}{ask.key}"] for ask in self.asks]

    def draft(self) -> Draft:
        """Return what was filled in; the goods are those of the purchase that is named."""
        given = self.cleaned_data
        chosen = given.get("line", _ALL)
        lines = [each for each in self.place.lines if str(each.pk) == chosen]
        line = lines[0] if lines else self.place.lines[0] if len(self.place.lines) == 1 else None
        bought = self.place.purchase
        answers = vertical_fields.typed(given, self.asks, prefix=_ASK)
        title = self.kind.title.text(context.current().language) if self.kind else ""
        return Draft(
            store_id=self.place.store.pk,
            raised="web",
            text=given["text"],
            template=self.kind.key if self.kind else "",
            title=title or " ".join(given["text"].split())[:60],
            answers=answers,
            purchase_id=bought.pk if bought else None,
            line_id=line.pk if line else None,
            product_code=line.product_code if line else "",
            product_name=_name_of(line) if line else "",
            bought_on=bought.business_day if bought else None,
            name=given["name"],
            phone=given["phone"],
            email=given["email"],
            language=self.language,
        )

    def refuse(self, error: RegularsError) -> None:
        """Show a refusal at the questions it names."""
        error.fields = {
            name.replace("answers.", _ASK): faults for name, faults in error.fields.items()
        }
        super().refuse(error)


def _name_of(line: Any) -> str:
    return str(line.product_name or line.product_code or line.category or _("Goods"))
