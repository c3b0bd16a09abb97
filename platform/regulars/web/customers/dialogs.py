"""Editing in a dialog over the page, or on a page of its own where there is no script."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

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
