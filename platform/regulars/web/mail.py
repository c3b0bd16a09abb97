"""Mail of the product itself: sign-up, invitations, which chain it was."""

from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation


def send(*, template: str, to: str, language: str, context: dict[str, Any]) -> None:
    """Send ``mail/<template>.{subject.txt,txt,html}`` in a language; raises what the server says.

    The first line of the subject template is the subject.
    """
    with translation.override(language):
        subject = render_to_string(f"mail/{template}.subject.txt", context).strip().splitlines()[0]
        message = EmailMultiAlternatives(
            subject=subject, body=render_to_string(f"mail/{template}.txt", context), to=[to]
        )
        message.attach_alternative(render_to_string(f"mail/{template}.html", context), "text/html")
        message.send()
