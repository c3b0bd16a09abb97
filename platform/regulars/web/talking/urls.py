"""Addresses of conversations."""

from django.urls import path

from regulars.web.talking import listing, strangers, unsure, views

_ONE = "messages/<uuid:pk>/"

urlpatterns = [
    path("messages/", listing.queue, name="messages"),
    path("messages/count/", listing.count, name="messages_count"),
    path("messages/unsure/", unsure.listed, name="messages_unsure"),
    path("messages/unsure/<uuid:message_id>/", unsure.resolve, name="messages_unsure_resolve"),
    path("messages/unknown/<uuid:contact_id>/", strangers.stranger, name="stranger"),
    path("messages/unknown/<uuid:contact_id>/attach/", strangers.attach, name="stranger_attach"),
    path("messages/unknown/<uuid:contact_id>/new/", strangers.attach_new, name="stranger_new"),
    path("messages/unknown/<uuid:contact_id>/done/", strangers.done, name="stranger_done"),
    path(_ONE, views.conversation, name="conversation"),
    path(f"{_ONE}fresh/", views.fresh, name="conversation_fresh"),
    path(f"{_ONE}answer/", views.answer, name="conversation_answer"),
    path(f"{_ONE}done/", views.done, name="conversation_done"),
    path(f"{_ONE}hand/", views.hand, name="conversation_hand"),
]
