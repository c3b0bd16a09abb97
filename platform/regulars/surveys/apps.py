"""Django's registration of the package."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Owns questions about satisfaction: whom they are put to, and the answers (Q7)."""

    name = "regulars.surveys"
