"""Addresses of the library of texts, of the lists of words, and of what guides copy from."""

from django.urls import path

from regulars.web.texts import approvals, checking, editing, library, lists, shelf, trying

_ONE = "settings/texts/edit/<slug:key>/"

urlpatterns = [
    path("settings/texts/", library.library, name="texts"),
    path("settings/texts/new/", editing.new, name="text_new"),
    path("settings/texts/check/<slug:field>/", checking.check, name="text_check"),
    path("settings/texts/people/", trying.people, name="text_people"),
    path("settings/texts/preview/<uuid:customer_id>/", trying.preview, name="text_preview"),
    path("settings/texts/trial/", trying.trial, name="text_trial"),
    path("settings/texts/lists/", lists.lists, name="text_lists"),
    path("settings/texts/lists/try/", lists.try_out, name="text_try"),
    path(_ONE, editing.edit, name="text_edit"),
    path(f"{_ONE}follow/", editing.follow, name="text_follow"),
    path(f"{_ONE}switch/", editing.switch, name="text_switch"),
    path(f"{_ONE}remove/", editing.remove, name="text_remove"),
    path(f"{_ONE}approval/", approvals.act, name="text_approval"),
    path("messages/words/", shelf.plain, name="words"),
    path("messages/words/<uuid:customer_id>/", shelf.filled, name="words_of"),
]
