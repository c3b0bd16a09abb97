"""Where Stripe tells us what happened."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from regulars.billing import events, gateway


@csrf_exempt  # the signature says who it is
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Keep an event and answer; the chain's outbox does the work."""
    try:
        events.take(request.body, request.headers.get("Stripe-Signature", ""), now=timezone.now())
    except gateway.BadSignature as error:
        return HttpResponse(str(error), status=error.status, content_type="text/plain")
    return HttpResponse(status=204)


urlpatterns = [path("webhooks/stripe/", stripe, name="stripe_webhook")]
