from django.urls import path

from hubs import gallery
from hubs.rules import open_to, staff
from hubs.views import languages, own, runs, settings, shared

app_name = "hubs"
urlpatterns = [
    path("", shared.home, name="home"),
    path("style/<str:accent>.css", shared.style, name="style"),
    path("langue/", languages.choose, name="language"),
    path("mon-espace/", shared.member_home, name="member_home"),
    path("gestion/", shared.staff_home, name="staff_home"),
    path("gestion/suivi/travaux/<int:run_id>/", runs.run, name="run"),
    path("gestion/reglages/", settings.identity, name="identity"),
    path("gestion/reglages/statut/", settings.legal, name="legal"),
    path("gestion/reglages/securite/", settings.security, name="security"),
    path("mon-espace/moi/appareils/", own.devices, name="devices"),
    path("mon-espace/moi/appareils/fin/", own.end_devices, name="end_devices"),
    path("bienvenue/", shared.after_login, name="after_login"),
    path("composants/", open_to(staff)(gallery.gallery), name="gallery"),
]
