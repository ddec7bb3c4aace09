from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from hubs.rules import anyone, open_to, person_of_hub
from parties.second_factor import AddPasskeyView, told_at_once

mine = open_to(person_of_hub)

# Sign-in is allauth's; only the pages in use have an address. Its names carry no namespace.
sign_in = [
    path("connexion/", open_to(anyone)(account.login), name="account_login"),
    path("deconnexion/", open_to(anyone)(account.logout), name="account_logout"),
    path("inscription/", open_to(anyone)(account.signup), name="account_signup"),
    path("inactif/", open_to(anyone)(account.account_inactive), name="account_inactive"),
    path("code/", open_to(anyone)(account.request_login_code), name="account_request_login_code"),
    path("code/saisie/", open_to(anyone)(account.confirm_login_code), name="account_confirm_login_code"),
    path("mot-de-passe/", mine(account.password_change), name="account_change_password"),
    path("mot-de-passe/choisir/", mine(account.password_set), name="account_set_password"),
    path("mot-de-passe/oubli/", open_to(anyone)(account.password_reset), name="account_reset_password"),
    path(
        "mot-de-passe/oubli/envoye/", open_to(anyone)(account.password_reset_done), name="account_reset_password_done"
    ),
    re_path(
        r"^mot-de-passe/oubli/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        open_to(anyone)(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "mot-de-passe/nouveau/",
        open_to(anyone)(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]

sign_in += [
    path("seconde-etape/", open_to(anyone)(second_factor.authenticate), name="mfa_authenticate"),
    path("cle/", open_to(anyone)(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("confirmer/", mine(account.reauthenticate), name="account_reauthenticate"),
    path("confirmer/code/", mine(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path("confirmer/cle/", mine(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
]
security = [
    path("", mine(second_factor.index), name="mfa_index"),
    path("application/", mine(told_at_once(totp.activate_totp)), name="mfa_activate_totp"),
    path("application/retirer/", mine(told_at_once(totp.deactivate_totp)), name="mfa_deactivate_totp"),
    path("codes/", mine(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "codes/nouveaux/",
        mine(told_at_once(recovery_codes.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path("codes/fichier/", mine(recovery_codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("cles/", mine(RedirectView.as_view(pattern_name="mfa_index")), name="mfa_list_webauthn"),
    path("cles/ajouter/", mine(told_at_once(AddPasskeyView.as_view())), name="mfa_add_webauthn"),
    path("cles/<int:pk>/nom/", mine(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("cles/<int:pk>/retirer/", mine(told_at_once(passkeys.remove_webauthn)), name="mfa_remove_webauthn"),
]

handler400 = "hubs.views.shared.bad_request"
handler500 = "hubs.views.shared.server_error"
urlpatterns = [
    path("", include("hubs.urls")),
    path("", include("parties.urls")),
    path("", include("billing.urls")),
    path("", include("members.urls")),
    path("", include("governance.urls")),
    path("", include("spaces.urls")),
    path("compte/", include(sign_in)),
    path("mon-espace/moi/securite/", include(security)),
]
