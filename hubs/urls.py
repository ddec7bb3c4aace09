from django.urls import path

from hubs import gallery
from hubs.rules import open_to, staff
from hubs.views import announcements, journal, languages, mails, own, retention, runs, settings, shared, todos

app_name = "hubs"
urlpatterns = [
    path("", shared.home, name="home"),
    path("style/<str:accent>.css", shared.style, name="style"),
    path("langue/", languages.choose, name="language"),
    path("mon-espace/", shared.member_home, name="member_home"),
    path("gestion/", todos.todo, name="staff_home"),
    path("gestion/je-m-en-occupe/", todos.see_to, name="see_to"),
    path("gestion/suivi/journal/", journal.journal, name="journal"),
    path("gestion/suivi/courriels/", mails.mails, name="mails"),
    path("gestion/suivi/courriels/<int:mail_id>/", mails.mail, name="mail"),
    path("gestion/suivi/courriels/<int:mail_id>/renvoi/", mails.resend, name="mail_resend"),
    path("gestion/suivi/courriels/<int:mail_id>/abandon/", mails.drop, name="mail_drop"),
    path("gestion/suivi/travaux/", runs.runs, name="runs"),
    path("gestion/suivi/travaux/<int:run_id>/", runs.run, name="run"),
    path("gestion/suivi/travaux/<int:run_id>/annulation/", runs.cancel, name="run_cancel"),
    path("gestion/suivi/travaux/<int:run_id>/reprise/", runs.retry, name="run_retry"),
    path("gestion/reglages/", settings.identity, name="identity"),
    path("gestion/reglages/statut/", settings.legal, name="legal"),
    path("gestion/reglages/securite/", settings.security, name="security"),
    path("mon-espace/moi/appareils/", own.devices, name="devices"),
    path("mon-espace/moi/appareils/fin/", own.end_devices, name="end_devices"),
    path("gestion/reglages/annonces/", announcements.announcements, name="announcements"),
    path("gestion/reglages/annonces/<int:announcement_id>/fin/", announcements.end, name="announcement_end"),
    path("annonces/vue/", announcements.put_away, name="announcement_put_away"),
    path("gestion/reglages/conservation/", retention.retention, name="retention"),
    path("gestion/reglages/conservation/<str:kind>/", retention.retention_change, name="retention_change"),
    path("bienvenue/", shared.after_login, name="after_login"),
    path("composants/", open_to(staff)(gallery.gallery), name="gallery"),
]
