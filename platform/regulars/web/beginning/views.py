"""The page of first steps."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from regulars.staff import permissions
from regulars.web.beginning import steps


@require_GET
@permissions.needs("imports.run")
def first_steps(request: HttpRequest) -> HttpResponse:
    """Show an owner or head office what to do first, and what of it is done."""
    context = {"place": "", "steps": steps.to_do(permissions.acting(request))}
    return render(request, "beginning/first_steps.html", context)
