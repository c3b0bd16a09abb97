"""Addresses of surveys."""

from django.urls import path

from regulars.web.surveys import answering, counter, results, rows, settings, tablet

urlpatterns = [
    path("s/<str:token>/", answering.page, name="survey_answer"),
    path("survey/tablet/<str:store>/", tablet.page, name="survey_tablet"),
    path("counter/receipts/<uuid:pk>/survey/", counter.hand, name="counter_survey"),
    path("insights/surveys/", results.page, name="surveys"),
    path("insights/surveys/answers/", rows.page, name="survey_rows"),
    path("surveys/<uuid:invitation_id>/", rows.one, name="survey_one"),
    path("surveys/<uuid:invitation_id>/seen/", rows.seen, name="survey_seen"),
    path("settings/surveys/", settings.page, name="survey_settings"),
    path("settings/surveys/new/", settings.new, name="survey_new"),
    path("settings/surveys/tablets/", settings.tablets, name="survey_tablets"),
    path("settings/surveys/<slug:key>/", settings.edit, name="survey_edit"),
    path("settings/surveys/<slug:key>/switch/", settings.switch, name="survey_switch"),
    path("settings/surveys/<slug:key>/follow/", settings.follow, name="survey_follow"),
]
