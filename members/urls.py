from django.urls import path

from members.views import (
    applications,
    arrival_settings,
    calls,
    checklists,
    dues,
    imports,
    memberships,
    my_arrival,
    pages,
    register,
    settings,
)

app_name = "members"
urlpatterns = [
    path("annuaire/", pages.directory, name="directory"),
    path("rejoindre/", applications.apply, name="apply"),
    path("rejoindre/envoyee/", applications.applied, name="applied"),
    path("candidature/<str:token>/", applications.follow, name="application_follow"),
    path("candidature/<str:token>/retrait/", applications.withdraw, name="application_withdraw"),
    path("gestion/membres/liste/", register.members, name="members"),
    path("gestion/membres/candidatures/", applications.applications, name="applications"),
    path("gestion/membres/candidatures/<str:public_id>/", applications.application, name="application"),
    path("gestion/membres/candidatures/<str:public_id>/demander/", applications.ask, name="application_ask"),
    path("gestion/membres/personnes/<str:public_id>/adherer/", memberships.admit_person, name="admit_person"),
    path("gestion/reglages/colleges/<int:college_id>/admission/", settings.college_admission, name="college_admission"),
    path("gestion/membres/", pages.totals, name="totals"),
    path("gestion/reglages/exercices/", settings.years, name="years"),
    path("gestion/reglages/exercices/nouveau/", settings.open_year, name="open_year"),
    path("gestion/reglages/colleges/", settings.colleges, name="colleges"),
    path("gestion/reglages/colleges/nouveau/", settings.college_add, name="college_add"),
    path("gestion/reglages/colleges/<int:college_id>/fin/", settings.college_end, name="college_end"),
    path("gestion/reglages/colleges/<int:college_id>/suite/", settings.college_replace, name="college_replace"),
    path("gestion/membres/structures/<str:public_id>/adherer/", memberships.admit, name="admit"),
    path("gestion/membres/adhesions/<int:membership_id>/lien/", memberships.change_kind, name="change_kind"),
    path("gestion/membres/adhesions/<int:membership_id>/fin/", memberships.leave, name="leave"),
    path("gestion/reglages/baremes/", dues.scales, name="dues_scales"),
    path("gestion/reglages/baremes/nouveau/", dues.write_scale, name="write_dues_scale"),
    path("gestion/reglages/baremes/<int:scale_id>/adoption/", dues.adopt_scale, name="adopt_dues_scale"),
    path("gestion/membres/cotisations/", calls.dues, name="dues"),
    path("gestion/membres/import/", imports.drop, name="import"),
    path("gestion/membres/import/modele.<str:kind>", imports.template, name="import_template"),
    path("gestion/membres/import/<str:public_id>/", imports.draft, name="import_draft"),
    path("gestion/membres/import/<str:public_id>/resultat/", imports.result, name="import_result"),
    path("gestion/membres/import/<str:public_id>/a-corriger.csv", imports.to_mend, name="import_to_mend"),
    path("gestion/membres/arrivees/", checklists.checklists, name="checklists"),
    path("gestion/membres/structures/<str:public_id>/arrivee/", checklists.begin, name="checklist_begin"),
    path("gestion/membres/arrivees/<str:public_id>/", checklists.checklist, name="checklist"),
    path("gestion/membres/arrivees/<str:public_id>/fin/", checklists.close, name="checklist_close"),
    path("gestion/membres/arrivees/<str:public_id>/etapes/<int:item_id>/", checklists.step, name="checklist_step"),
    path(
        "gestion/membres/arrivees/<str:public_id>/etapes/<int:item_id>/fait/", checklists.do, name="checklist_step_do"
    ),
    path(
        "gestion/membres/arrivees/<str:public_id>/etapes/<int:item_id>/a-faire/",
        checklists.undo,
        name="checklist_step_undo",
    ),
    path(
        "gestion/membres/arrivees/<str:public_id>/etapes/<int:item_id>/sans-objet/",
        checklists.waive,
        name="checklist_step_waive",
    ),
    path("gestion/reglages/arrivees/", arrival_settings.arrival_settings, name="arrival_settings"),
    path("gestion/reglages/arrivees/proposition/", arrival_settings.first_list, name="arrival_first_list"),
    path("gestion/reglages/arrivees/charte/", arrival_settings.charter, name="arrival_charter"),
    path("gestion/reglages/arrivees/etapes/nouvelle/", arrival_settings.step_add, name="arrival_step_add"),
    path("gestion/reglages/arrivees/etapes/<int:step_id>/", arrival_settings.step_edit, name="arrival_step_edit"),
    path(
        "gestion/reglages/arrivees/etapes/<int:step_id>/monter/", arrival_settings.step_raise, name="arrival_step_raise"
    ),
    path(
        "gestion/reglages/arrivees/etapes/<int:step_id>/retrait/",
        arrival_settings.step_remove,
        name="arrival_step_remove",
    ),
    path("mon-espace/arrivee/", my_arrival.my_arrival, name="my_arrival"),
    path("mon-espace/arrivee/<str:public_id>/etapes/<int:item_id>/fait/", my_arrival.do, name="my_step_do"),
    path(
        "mon-espace/arrivee/<str:public_id>/etapes/<int:item_id>/assurance/", my_arrival.insurance, name="my_insurance"
    ),
    path("mon-espace/arrivee/<str:public_id>/etapes/<int:item_id>/charte/", my_arrival.charter, name="my_charter"),
]
