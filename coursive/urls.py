from allauth.account import views as account
from django.urls import include, path, re_path

from hubs.rules import anyone, open_to, person_of_hub

# Sign-in is allauth's; only the pages in use have an address. Its names carry no namespace.
sign_in = [
    path("connexion/", open_to(anyone)(account.login), name="account_login"),
    path("deconnexion/", open_to(anyone)(account.logout), name="account_logout"),
    path("inscription/", open_to(anyone)(account.signup), name="account_signup"),
    path("inactif/", open_to(anyone)(account.account_inactive), name="account_inactive"),
    path("code/", open_to(anyone)(account.request_login_code), name="account_request_login_code"),
    path("code/saisie/", open_to(anyone)(account.confirm_login_code), name="account_confirm_login_code"),
    path("mot-de-passe/", open_to(person_of_hub)(account.password_change), name="account_change_password"),
    path("mot-de-passe/choisir/", open_to(person_of_hub)(account.password_set), name="account_set_password"),
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

handler400 = "hubs.views.shared.bad_request"
handler500 = "hubs.views.shared.server_error"
urlpatterns = [
    path("", include("hubs.urls")),
    path("", include("parties.urls")),
    path("", include("billing.urls")),
    path("", include("members.urls")),
    path("", include("spaces.urls")),
    path("compte/", include(sign_in)),
]
