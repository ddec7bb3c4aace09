from django.urls import path

from governance.views import assemblies as views

app_name = "governance"
urlpatterns = [
    path("gestion/assemblees/", views.assemblies, name="assemblies"),
    path("gestion/assemblees/nouvelle/", views.prepare, name="prepare"),
    path("gestion/assemblees/<str:public_id>/", views.assembly, name="assembly"),
    path("gestion/assemblees/<str:public_id>/etape/", views.move, name="move"),
    path("gestion/assemblees/<str:public_id>/accueil/", views.desk, name="desk"),
    path("gestion/assemblees/<str:public_id>/quorum/", views.live, name="live"),
    path("mon-espace/assemblees/", views.my_assemblies, name="my_assemblies"),
    path("mon-espace/assemblees/<str:public_id>/", views.my_assembly, name="my_assembly"),
]
