"""The number and the e-mail of whoever complains, where they are not on one's own list.

Whoever works on a complaint has to ring, so they are shown them when they ask; that somebody
asked is written down, as on the customer's own page.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from regulars.complaints import selectors
from regulars.complaints.selectors import One
from regulars.customers import services
from regulars.errors import NotFound
from regulars.staff import permissions
from regulars.web.complaints import case
from regulars.web.contacts import serving


@require_POST
@permissions.needs("customers.reveal-phone")
def reveal(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show how to reach whoever complains, this once. Raises Forbidden, NotFound."""
    actor, now = permissions.acting(request), timezone.now()
    one = selectors.one(actor=actor, case_id=case_id)
    if one.case.customer_id is None or not one.may_work:
        raise NotFound
    asked: dict[str, Any] = {
        "actor": serving.of_the_store(actor), "customer_id": one.case.customer_id, "now": now
    }  # fmt: skip
    phone, email = services.reveal_phone(**asked), services.reveal_email(**asked)
    shown = _shown(one, phone=phone, email=email)
    is_htmx = bool(request.headers.get("HX-Request"))
    name = "complaints/case_reach.html" if is_htmx else "complaints/case_reach_page.html"
    answer = render(request, name, shown)
    answer["Cache-Control"] = "no-store"
    return answer


def _shown(one: One, *, phone: str, email: str) -> dict[str, Any]:
    return {
        "place": "complaints",
        "case": one.case,
        "back": case.address(one.case.pk),
        "phone": phone,
        "email": email,
        "send_words": case.words_with_link(one.case),
    }
