"""Addresses of head office."""

from django.urls import path, register_converter

from regulars.insights.selectors import scorecard_events, scorecard_rows
from regulars.web.headoffice import (
    behind,
    card_behind,
    cards,
    care,
    care_behind,
    exports,
    spread,
    views,
)


class Kind:
    """A figure that has rows behind it."""

    regex = "|".join(behind.KINDS)

    def to_python(self, value: str) -> str:
        """Take the word as it is."""
        return value

    def to_url(self, value: str) -> str:
        """Write the word as it is."""
        return value


class CardKind(Kind):
    """A figure of a scorecard that has follow-ups or customers behind it."""

    regex = "|".join((*scorecard_rows.KINDS, *scorecard_events.KINDS, "kept", "lost"))


register_converter(Kind, "figure")
register_converter(CardKind, "card_figure")

urlpatterns = [
    path("insights/", views.page, name="insights"),
    path("insights/customers/", spread.customers, name="insights_customers"),
    path("insights/rows/<figure:kind>/", behind.behind, name="insights_rows"),
    path("insights/care/", care.page, name="insights_care"),
    path("insights/care/question/", care_behind.question, name="insights_question"),
    path("insights/care/rows/", care_behind.rows, name="insights_care_rows"),
    path("insights/scorecard/", cards.page, name="insights_scorecard"),
    path("insights/scorecard/<card_figure:kind>/", card_behind.behind, name="insights_card_rows"),
    path("my-card/", cards.mine, name="my_card"),
    path("my-card/<card_figure:kind>/", card_behind.mine_behind, name="my_card_rows"),
    path("insights/files/<slug:what>.csv", exports.csv_file, name="insights_csv"),
    path("insights/files/<slug:what>.xlsx", exports.xlsx_file, name="insights_xlsx"),
]
