"""Pages."""

from django.urls import URLPattern, URLResolver, include, path

from regulars.web import language
from regulars.web.account.views import first_page

urlpatterns: list[URLPattern | URLResolver] = [
    path("", first_page, name="first_page"),
    path("language/", language.choose, name="choose_language"),
    path("", include("regulars.web.account.urls")),
    path("", include("regulars.web.beginning.urls")),
    path("", include("regulars.web.settings.urls")),
    path("", include("regulars.web.billing.urls")),
    path("", include("regulars.web.team.urls")),
    path("", include("regulars.web.complaining.urls")),
    path("", include("regulars.web.stores.urls")),
    path("", include("regulars.web.keys.urls")),
    path("", include("regulars.web.today.urls")),
    path("", include("regulars.web.counter.urls")),
    path("", include("regulars.web.handing.urls")),
    path("", include("regulars.web.exports.urls")),
    path("", include("regulars.web.complaints.raising_urls")),
    path("", include("regulars.web.complaints.urls")),
    path("", include("regulars.web.customers.urls")),
    path("", include("regulars.web.contacts.urls")),
    path("", include("regulars.web.talking.urls")),
    path("", include("regulars.web.sending.urls")),
    path("", include("regulars.web.rules.urls")),
    path("", include("regulars.web.texts.urls")),
    path("", include("regulars.web.plans.urls")),
    path("", include("regulars.web.learning.urls")),
    path("", include("regulars.web.surveys.urls")),
    path("", include("regulars.web.headoffice.urls")),
    path("", include("regulars.web.imports.urls")),
]
