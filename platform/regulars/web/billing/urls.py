"""Addresses of the subscription's pages."""

from django.urls import path

from regulars.web.billing import buying, changing, views

urlpatterns = [
    path("settings/billing/", views.start, name="billing"),
    path("settings/billing/next/", views.next_payment, name="billing_next"),
    path("settings/billing/invoices/", views.invoices, name="billing_invoices"),
    path("settings/billing/subscribe/", buying.subscribe, name="billing_subscribe"),
    path("settings/billing/portal/", buying.portal, name="billing_portal"),
    path("settings/billing/pay/", buying.pay, name="billing_pay"),
    path("settings/billing/back/", buying.back, name="billing_back"),
    path("settings/billing/change/", changing.change, name="billing_change"),
    path("settings/billing/cancel/", changing.cancel, name="billing_cancel"),
    path("settings/billing/take-back/", changing.take_back, name="billing_take_back"),
]
