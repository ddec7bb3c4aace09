from django.urls import path

from hubs import gallery, views
from hubs.rules import open_to, staff

app_name = "hubs"
urlpatterns = [
    path("", views.home, name="home"),
    path("style/<str:accent>.css", views.style, name="style"),
    path("mon-espace/", views.member_home, name="member_home"),
    path("gestion/", views.staff_home, name="staff_home"),
    path("gestion/travaux/<int:run_id>/", views.run, name="run"),
    path("gestion/reglages/", views.identity, name="identity"),
    path("gestion/reglages/statut/", views.legal, name="legal"),
    path("bienvenue/", views.after_login, name="after_login"),
    path("composants/", open_to(staff)(gallery.gallery), name="gallery"),
]
