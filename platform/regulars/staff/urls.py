"""Sign-in, password reset and second factor, by allauth, without its self-sign-up.

Whoever came by PIN must sign in with the password before touching it or the second factor.
"""

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import path, re_path

from regulars.staff.permissions import by_password

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", by_password(views.reauthenticate), name="account_reauthenticate"),
    path("password/change/", by_password(views.password_change), name="account_change_password"),
    path("password/set/", by_password(views.password_set), name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(  # the key has hyphens of its own
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[-0-9A-Za-z]+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", by_password(mfa.index), name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", by_password(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", by_password(totp.activate_totp), name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", by_password(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("2fa/codes/", by_password(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "2fa/codes/generate/",
        by_password(recovery.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/codes/download/",
        by_password(recovery.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
]
