from django.urls import path

from governance.views import assemblies, desk, mine, notices, roll, statutes

app_name = "governance"
urlpatterns = [
    path("gestion/assemblees/", assemblies.assemblies, name="assemblies"),
    path("gestion/assemblees/nouvelle/", assemblies.prepare, name="prepare"),
    path("gestion/assemblees/<str:public_id>/", assemblies.assembly, name="assembly"),
    path("gestion/assemblees/<str:public_id>/modifier/", assemblies.change, name="change"),
    path("gestion/assemblees/<str:public_id>/etape/", assemblies.move, name="move"),
    path("gestion/assemblees/<str:public_id>/liste/", assemblies.redraw, name="redraw"),
    path("gestion/assemblees/<str:public_id>/ordre-du-jour/", notices.agenda, name="agenda"),
    path("gestion/assemblees/<str:public_id>/pieces/", notices.paper_add, name="paper_add"),
    path("gestion/assemblees/<str:public_id>/pieces/<str:paper>/", notices.paper, name="paper"),
    path("gestion/assemblees/<str:public_id>/pieces/<str:paper>/retrait/", notices.paper_remove, name="paper_remove"),
    path("gestion/assemblees/<str:public_id>/convoquer/", notices.convene, name="convene"),
    path("gestion/assemblees/<str:public_id>/annulation/", notices.call_off, name="call_off"),
    path("gestion/assemblees/<str:public_id>/convocation/", notices.notice, name="notice"),
    path("gestion/assemblees/<str:public_id>/preuve/", notices.proof, name="proof"),
    path("gestion/assemblees/<str:public_id>/preuve/<str:entry>/", notices.handed, name="handed"),
    path("gestion/assemblees/<str:public_id>/pouvoirs/", roll.proxies, name="proxies"),
    path("gestion/assemblees/<str:public_id>/pouvoirs/revocation/", roll.proxy_revoke, name="proxy_revoke"),
    path("gestion/assemblees/<str:public_id>/pouvoirs/<str:proxy>/", roll.proxy_scan, name="proxy_scan"),
    path("gestion/assemblees/<str:public_id>/contestations/", roll.contests, name="contests"),
    path("gestion/assemblees/<str:public_id>/accueil/", desk.desk, name="desk"),
    path("gestion/assemblees/<str:public_id>/quorum/", desk.live, name="live"),
    path("gestion/assemblees/<str:public_id>/emargement/", desk.sheet, name="sheet"),
    path("gestion/reglages/statuts/", statutes.statutes, name="statutes"),
    path("gestion/reglages/statuts/nouveaux/", statutes.statutes_add, name="statutes_add"),
    path("mon-espace/assemblees/", mine.my_assemblies, name="my_assemblies"),
    path("mon-espace/assemblees/<str:public_id>/", mine.my_assembly, name="my_assembly"),
    path("mon-espace/assemblees/<str:public_id>/contester/", mine.contest, name="contest"),
    path("mon-espace/assemblees/<str:public_id>/convocation/", mine.my_notice, name="my_notice"),
    path("mon-espace/assemblees/<str:public_id>/pieces/<str:paper>/", mine.my_paper, name="my_paper"),
]
