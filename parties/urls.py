from django.urls import path

from parties.views import address, invitations, member, own_fields, people, personal, sights, staff, team

app_name = "parties"
urlpatterns = [
    path("invitation/<str:token>/", invitations.invitation, name="invitation"),
    path("bienvenue/premiere-fois/", invitations.welcome, name="welcome"),
    path("bienvenue/quitter/", invitations.leave_as_guest, name="leave_as_guest"),
    path("mon-espace/structure/", member.my_structure, name="my_structure"),
    path("mon-espace/structure/qui-voit-quoi/", sights.who_sees, name="who_sees"),
    path("mon-espace/structure/<str:public_id>/modifier/", member.my_structure_edit, name="my_structure_edit"),
    path("mon-espace/structure/<str:public_id>/inviter/", invitations.invite_colleague, name="invite_colleague"),
    path("invitations/<str:public_id>/renvoi/", invitations.send_again, name="invitation_again"),
    path("invitations/<str:public_id>/retrait/", invitations.withdraw, name="invitation_withdraw"),
    path("gestion/reglages/equipe/", team.team, name="team"),
    path("gestion/reglages/equipe/donner/", team.team_add, name="team_add"),
    path("gestion/reglages/equipe/roles/<int:role_id>/fin/", team.team_end, name="team_end"),
    path("mon-espace/moi/adresse/", address.ask, name="address"),
    path("mon-espace/moi/adresse/code/", address.confirm, name="address_code"),
    path("mon-espace/moi/donnees/", personal.my_data, name="my_data"),
    path("mon-espace/moi/donnees/export/", personal.my_data_export, name="my_data_export"),
    path("mon-espace/moi/donnees/completer/", personal.my_answers, name="my_answers"),
    path("mon-espace/moi/donnees/effacement/", personal.my_erasure, name="my_erasure"),
    path("gestion/personnes/", people.people, name="people"),
    path("gestion/personnes/<str:public_id>/", people.person, name="person"),
    path("gestion/personnes/<str:public_id>/modifier/", people.person_edit, name="person_edit"),
    path("gestion/personnes/<str:person_id>/fin-d-acces/", team.access_end, name="access_end"),
    path("gestion/personnes/<str:public_id>/donnees/", personal.person_data, name="person_data"),
    path("gestion/personnes/<str:public_id>/donnees/export/", personal.person_export, name="person_export"),
    path("gestion/personnes/<str:public_id>/effacer/", personal.erase, name="erase"),
    path("gestion/personnes/<str:public_id>/effacer/repondre/", personal.answer_erasure, name="answer_erasure"),
    path("gestion/reglages/champs/", own_fields.fields, name="fields"),
    path("gestion/reglages/champs/nouveau/", own_fields.field_add, name="field_add"),
    path("gestion/reglages/champs/<int:field_id>/", own_fields.field_edit, name="field_edit"),
    path("gestion/reglages/champs/<int:field_id>/fin/", own_fields.field_end, name="field_end"),
    path("gestion/structures/", staff.structures, name="structures"),
    path("gestion/structures/nouvelle/", staff.structure_add, name="structure_add"),
    path("gestion/structures/<str:public_id>/", staff.structure, name="structure"),
    path("gestion/structures/<str:public_id>/modifier/", staff.structure_edit, name="structure_edit"),
    path("gestion/structures/<str:public_id>/inviter/", invitations.invite, name="invite"),
    path("gestion/structures/<str:public_id>/personnes/ajouter/", staff.person_add, name="person_add"),
    path(
        "gestion/structures/<str:public_id>/personnes/<str:person_id>/modifier/",
        staff.person_edit,
        name="person_of_structure_edit",
    ),
    path(
        "gestion/structures/<str:public_id>/personnes/<str:person_id>/acces/", staff.account_open, name="account_open"
    ),
    path("gestion/structures/<str:public_id>/roles/<int:link_id>/fin/", staff.role_end, name="role_end"),
    path("gestion/structures/<str:public_id>/chiffres/", staff.figures, name="figures"),
]
