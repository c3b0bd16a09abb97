"""Addresses of the stores' pages."""

from django.urls import path

from regulars.web.stores import arranging, views

urlpatterns = [
    path("stores/", views.stores, name="stores"),
    path("stores/new/", views.new, name="store_new"),
    path("stores/paste/", arranging.pasted, name="stores_paste"),
    path("stores/regions/", arranging.regions, name="regions"),
    path("stores/regions/<uuid:region_id>/", arranging.region, name="region"),
    path("stores/<uuid:store_id>/", views.show, name="store"),
    path("stores/<uuid:store_id>/edit/", views.edit, name="store_edit"),
    path("stores/<uuid:store_id>/hours/", arranging.week, name="store_hours"),
    path("stores/<uuid:store_id>/hours/days/", arranging.add_exception, name="store_days"),
    path(
        "stores/<uuid:store_id>/hours/days/remove/",
        arranging.remove_exception,
        name="store_days_remove",
    ),
    path("stores/<uuid:store_id>/close/", views.close, name="store_close"),
    path("stores/<uuid:store_id>/reopen/", views.reopen, name="store_reopen"),
    path("stores/<uuid:store_id>/devices/", views.forget_devices, name="store_devices"),
]
