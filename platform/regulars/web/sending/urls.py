"""Addresses of sending."""

from django.urls import path

from regulars.web.sending import (
    batches,
    budget,
    callbacks,
    leaving,
    passed,
    preparing,
    providers,
    stopped,
)

_BATCH = "messages/batches/<uuid:batch_id>/"
_BUDGET = "settings/budget/"
_PROVIDERS = "settings/providers/"

urlpatterns = [
    path("callbacks/<slug:slot>/<slug:provider>/", callbacks.take, name="message_callback"),
    path("leave/<str:token>/", leaving.leave, name="leave"),
    path("messages/batches/", batches.listed, name="batches"),
    path("messages/batches/new/", preparing.new, name="batch_new"),
    path(_BATCH, batches.one, name="batch"),
    path(f"{_BATCH}progress/", batches.progress, name="batch_progress"),
    path(f"{_BATCH}begin/", batches.begin, name="batch_begin"),
    path(f"{_BATCH}stop/", batches.stop, name="batch_stop"),
    path(f"{_BATCH}unknown/<uuid:message_id>/", batches.resolve, name="batch_resolve"),
    path(f"{_BATCH}passed/", passed.listed, name="batch_passed"),
    path(f"{_BATCH}passed.csv", passed.file, {"ending": "csv"}, name="batch_passed_csv"),
    path(f"{_BATCH}passed.xlsx", passed.file, {"ending": "xlsx"}, name="batch_passed_xlsx"),
    path(_BUDGET, budget.chain, name="budget"),
    path(f"{_BUDGET}tiers/<slug:tier>/", budget.of_tier, name="budget_tier"),
    path(f"{_BUDGET}regions/<uuid:region_id>/", budget.of_region, name="budget_region"),
    path(f"{_BUDGET}stores/<uuid:store_id>/", budget.of_store, name="budget_store"),
    path(_PROVIDERS, providers.listed, name="providers"),
    path(f"{_PROVIDERS}<slug:slot>/", providers.one, name="provider"),
    path(f"{_PROVIDERS}<slug:slot>/drop/", providers.drop, name="provider_drop"),
    path(f"{_PROVIDERS}<slug:slot>/test/", providers.test, name="provider_test"),
    path("settings/stopped/", stopped.page, name="stopped"),
    path("settings/stopped/add/", stopped.add, name="stopped_add"),
    path("settings/stopped/back/", stopped.back, name="stopped_back"),
]
