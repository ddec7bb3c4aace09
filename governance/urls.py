from django.urls import path

from governance.views import assemblies as views
from governance.views import minutes, polls, resolutions, voices, votes

app_name = "governance"
urlpatterns = [
    path("gestion/assemblees/", views.assemblies, name="assemblies"),
    path("gestion/assemblees/nouvelle/", views.prepare, name="prepare"),
    path("gestion/assemblees/registre/", minutes.register, name="register"),
    path("gestion/assemblees/registre/<int:number>/", minutes.decision, name="decision"),
    path("gestion/assemblees/registre/<int:number>/faite/", minutes.finish_decision, name="finish_decision"),
    path("gestion/assemblees/consultations/", polls.polls, name="polls"),
    path("gestion/assemblees/consultations/nouvelle/", polls.ask, name="ask_poll"),
    path("gestion/assemblees/consultations/<str:public_id>/", polls.poll, name="poll"),
    path("gestion/assemblees/<str:public_id>/", views.assembly, name="assembly"),
    path("gestion/assemblees/<str:public_id>/etape/", views.move, name="move"),
    path("gestion/assemblees/<str:public_id>/accueil/", views.desk, name="desk"),
    path("gestion/assemblees/<str:public_id>/quorum/", views.live, name="live"),
    path("gestion/assemblees/<str:public_id>/resolutions/", resolutions.resolutions, name="resolutions"),
    path("gestion/assemblees/<str:public_id>/resolutions/nouvelle/", resolutions.write, name="write_resolution"),
    path("gestion/assemblees/<str:public_id>/resolutions/<int:pk>/", resolutions.resolution, name="resolution"),
    path(
        "gestion/assemblees/<str:public_id>/resolutions/<int:pk>/corriger/",
        resolutions.change,
        name="change_resolution",
    ),
    path("gestion/assemblees/<str:public_id>/resolutions/<int:pk>/etape/", resolutions.step, name="step_resolution"),
    path("gestion/assemblees/<str:public_id>/belenios/", minutes.belenios, name="belenios"),
    path("gestion/assemblees/<str:public_id>/proces-verbal/", minutes.minutes, name="minutes"),
    path("gestion/assemblees/<str:public_id>/proces-verbal/pdf/", minutes.minutes_pdf, name="minutes_pdf"),
    path("gestion/assemblees/<str:public_id>/decisions/nouvelle/", minutes.note_decision, name="note_decision"),
    path("gestion/assemblees/<str:public_id>/voix/", resolutions.weights, name="weights"),
    path("gestion/reglages/poids-des-colleges/", voices.voices, name="voices"),
    path("mon-espace/assemblees/", views.my_assemblies, name="my_assemblies"),
    path("mon-espace/assemblees/consultations/", polls.my_polls, name="my_polls"),
    path("mon-espace/assemblees/consultations/<str:public_id>/", polls.my_poll, name="my_poll"),
    path("mon-espace/assemblees/<str:public_id>/", views.my_assembly, name="my_assembly"),
    path("mon-espace/assemblees/<str:public_id>/votes/", votes.my_votes, name="my_votes"),
    path("mon-espace/assemblees/<str:public_id>/proces-verbal/", minutes.my_minutes_pdf, name="my_minutes_pdf"),
]
