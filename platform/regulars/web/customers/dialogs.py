"""Editing in a dialog over the page, or on a page of its own where there is no script."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from regulars.errors import RegularsError
from regulars.web import toasts
from regulars.web.forms import Form


def show(
    request: HttpRequest,
    *,
    title: str,
    form: Form,
    submit: str,
    back: str,
    body: str = "customers/edit_fields.html",
    **context: Any,
) -> HttpResponse:
    """Show a form: for htmx the dialog alone, else a page. Faults answer 422.

    `body` is the template of the fields; `back` the page it belongs to.
    """
    is_dialog = bool(request.headers.get("HX-Request"))
    template = "customers/edit_dialog.html" if is_dialog else "customers/edit_page.html"
    values = {
        "place": "customers",
        "title": title,
        "form": form,
        "submit": submit,
        "back": back,
        "body": body,
        "action": request.get_full_path(),
        "is_dialog": is_dialog,
        **context,
    }
    return render(request, template, values, status=422 if form.errors else 200)


def done(request: HttpRequest, url: str) -> HttpResponse:
    """Lead to a page after something was saved, from the dialog as from the page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def saved(form: Form, act: Callable[[], object], *, said: str, request: HttpRequest) -> bool:
    """Do it if the form was sent and reads well, and say so; a refusal is shown in the form."""
    if not tried(form, act):
        return False
    toasts.show(request, said)
    return True


def tried(form: Form, act: Callable[[], object]) -> bool:
    """Do it if the form was sent and reads well; a refusal is shown in the form."""
    if not form.is_bound or not form.is_valid():
        return False
    try:
        act()
    except RegularsError as fault:
        form.refuse(fault)
        return False
    return True


def choose(
    request: HttpRequest, *, title: str, back: str, options: list[tuple[str, str]]
) -> HttpResponse:
    """Show a choice before a form: (words, address) pairs."""
    is_dialog = bool(request.headers.get("HX-Request"))
    template = "customers/choose_dialog.html" if is_dialog else "customers/choose_page.html"
    values = {
        "place": "customers",
        "title": title,
        "back": back,
        "options": options,
        "is_dialog": is_dialog,
    }
    return render(request, template, values)
