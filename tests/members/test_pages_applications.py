"""From « Nous rejoindre » to a membership, or to a refusal with its reason."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubs.models import Mail
from hubs.scope import open_hub
from members.enums import ApplicationState
from members.models import Application, Membership
from parties.models import Link, Organisation
from tests.members.factories import ApplicationFactory, CollegeFactory, FiscalYearFactory
from tests.parties.test_invitations import link_in as invitation_in

TODAY = timezone.localdate()


def page_of(application, tail=""):
    return f"/gestion/membres/candidatures/{application.public_id}/{tail}"


def text(response):
    return " ".join(response.text.replace("\xa0", " ").split())


@pytest.fixture
def year(nord):
    with open_hub(nord.hub):
        return FiscalYearFactory(year=TODAY.year)


@pytest.fixture
def college(nord):
    with open_hub(nord.hub):
        return CollegeFactory(name="Structures membres", takes_people=True)


@pytest.fixture
def form(college):
    return {
        "college": college.pk,
        "structure_name": "Compagnie des Lisières",
        "given_name": "Ariane",
        "family_name": "Vasseur",
        "email": "Ariane@lisieres.example",
        "why": "Des voisins.",
        "consent": "on",
    }


def link_in(mail):
    return re.search(r"/candidature/\S+", mail.text)[0]


@pytest.mark.feature("ME6", "ME15")
def test_a_structure_applies_and_becomes_a_member_of_the_year(nord, sign_in, year, form):
    visitor = sign_in(nord)
    staff = sign_in(nord, "coordinator")

    sent = visitor.post("/rejoindre/", form, follow=True)
    with open_hub(nord.hub):
        application = Application.objects.get()
        followed = visitor.get(link_in(Mail.objects.latest("pk")))
    listed = staff.get("/gestion/membres/candidatures/")
    complete = staff.post(page_of(application), {"is_accepted": "yes", "on": TODAY.isoformat()}, follow=True)
    done = staff.post(
        page_of(application),
        {"is_accepted": "yes", "on": TODAY.isoformat(), "fiscal_year": year.pk, "kind": "associate"},
        follow=True,
    )

    with open_hub(nord.hub):
        membership = Membership.objects.get()
        organisation = membership.organisation
        link = Link.objects.select_related("person").get(organisation=organisation)
        kept = Application.objects.get()
        welcome = Mail.objects.latest("pk")
    assert "Candidature envoyée" in sent.text
    assert "Candidature, Compagnie des Lisières" in text(followed)
    assert page_of(application) in listed.text
    assert "candidature à examiner" in text(complete)
    assert "candidature admise" in text(done)
    assert f"/gestion/membres/structures/{organisation.public_id}/arrivee/" in done.text
    assert (kept.state, kept.closed_on, kept.membership_id) == (ApplicationState.ADMITTED, TODAY, membership.pk)
    assert (membership.fiscal_year_id, organisation.name) == (year.pk, "Compagnie des Lisières")
    assert (str(link.person), link.role) == ("Ariane Vasseur", "administrator")
    assert welcome.to == ["ariane@lisieres.example"]


@pytest.mark.feature("ME6")
def test_sent_twice_it_is_one_application_and_the_last_link_follows_it(nord, sign_in, form):
    visitor = sign_in(nord)

    visitor.post("/rejoindre/", form)
    again = visitor.post("/rejoindre/", {**form, "email": "ariane@LISIERES.example"})

    with open_hub(nord.hub):
        first, last = (link_in(mail) for mail in Mail.objects.order_by("pk"))
        count = Application.objects.count()
    assert (again.status_code, count) == (302, 1)
    assert (visitor.get(first).status_code, visitor.get(last).status_code) == (404, 200)


def test_a_machine_that_fills_the_hidden_field_writes_nothing(nord, sign_in, form):
    response = sign_in(nord).post("/rejoindre/", {**form, "website": "https://spam.example"})

    with open_hub(nord.hub):
        assert not Application.objects.exists()
    assert response.status_code == 302


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"siren": "123456789"}, "sa clé de contrôle est fausse"),
        ({"consent": ""}, "cochez la case"),
        ({"email": "ariane"}, "adresse"),
    ],
)
def test_what_is_wrong_is_said_and_the_rest_is_kept(nord, sign_in, form, wrong, told):
    response = sign_in(nord).post("/rejoindre/", {**form, **wrong})

    assert response.status_code == 422
    assert told in text(response)
    assert "Compagnie des Lisières" in response.text


@pytest.mark.feature("ME6")
def test_what_is_missing_is_asked_by_mail_and_completed_by_the_link(nord, sign_in, college):
    with open_hub(nord.hub):
        application = ApplicationFactory(college=college)

    asked = sign_in(nord, "coordinator").post(page_of(application, "demander/"), {"missing": "Vos statuts."})
    with open_hub(nord.hub):
        mail = Mail.objects.latest("pk")
    visitor = sign_in(nord)
    seen = visitor.get(link_in(mail))
    visitor.post(link_in(mail), {"why": "Les voici.", "town": "Dijon"})

    with open_hub(nord.hub):
        application.refresh_from_db()
    assert asked.status_code == 302
    assert "Vos statuts." in mail.text and "Vos statuts." in seen.text
    assert (application.missing, application.why, application.town) == ("", "Les voici.", "Dijon")


@pytest.mark.feature("ME6")
def test_its_author_withdraws_it_by_a_click_and_not_by_looking(nord, sign_in, form):
    visitor = sign_in(nord)
    visitor.post("/rejoindre/", form)
    with open_hub(nord.hub):
        link = link_in(Mail.objects.get())

    looked = visitor.get(f"{link}retrait/")
    visitor.post(f"{link}retrait/")

    with open_hub(nord.hub):
        application = Application.objects.get()
    assert looked.status_code == 405
    assert (application.state, application.closed_on) == (ApplicationState.WITHDRAWN, TODAY)


@pytest.mark.feature("ME15")
def test_a_refusal_says_why_to_the_applicant(nord, sign_in, college):
    with open_hub(nord.hub):
        application = ApplicationFactory(college=college)
    staff = sign_in(nord, "coordinator")

    silent = staff.post(page_of(application), {"is_accepted": "no", "on": TODAY.isoformat()})
    staff.post(page_of(application), {"is_accepted": "no", "on": TODAY.isoformat(), "reason": "Hors du territoire."})

    with open_hub(nord.hub):
        application.refresh_from_db()
        mail = Mail.objects.latest("pk")
    assert silent.status_code == 422 and "Dites pourquoi" in silent.text
    assert (application.state, application.refusal) == (ApplicationState.REFUSED, "Hors du territoire.")
    assert "Hors du territoire." in mail.text


@pytest.mark.feature("ME15")
def test_a_person_waits_for_the_assembly_where_the_college_asks_for_it(nord, sign_in, year):
    staff = sign_in(nord, "coordinator")
    with open_hub(nord.hub):
        college = CollegeFactory(name="Personnes qualifiées")
    staff.post(
        f"/gestion/reglages/colleges/{college.pk}/admission/",
        {"takes_people": "on", "votes": "on", "path": ["assembly", "board"]},
    )
    with open_hub(nord.hub):
        college.refresh_from_db()
        application = ApplicationFactory(college=college, of_person=True)

    staff.post(page_of(application), {"is_accepted": "yes", "on": TODAY.isoformat()})
    with open_hub(nord.hub):
        application.refresh_from_db()
        waiting = application.state
    staff.post(page_of(application), {"is_accepted": "yes", "on": TODAY.isoformat(), "fiscal_year": year.pk})

    with open_hub(nord.hub):
        person = Membership.objects.select_related("person").get().person
        organisations = Organisation.objects.filter(name=str(application)).count()
    sheet = staff.get(f"/gestion/personnes/{person.public_id}/")
    assert college.path == ["board", "assembly"]
    assert waiting == "awaiting"
    assert (str(person), organisations) == ("Inès Faivre", 0)
    assert "Personnes qualifiées" in sheet.text


def test_who_is_admitted_comes_in_by_the_link_of_their_mail(nord, sign_in, year):
    with open_hub(nord.hub):
        application = ApplicationFactory(
            college=CollegeFactory(takes_structures=False, takes_people=True, path=["board"]), of_person=True
        )
    sign_in(nord, "coordinator").post(
        page_of(application), {"is_accepted": "yes", "on": TODAY.isoformat(), "fiscal_year": year.pk}
    )

    newcomer = sign_in(nord)
    newcomer.post(invitation_in(nord), follow=True)

    assert newcomer.get("/mon-espace/cotisation/").status_code == 200


def test_the_database_ties_the_state_to_its_date(nord, college):
    with open_hub(nord.hub):
        application = ApplicationFactory(college=college)
        with pytest.raises(IntegrityError, match="members_application_state_dates"), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(state=ApplicationState.ADMITTED, closed_on=TODAY)


def test_the_inbox_counts_its_queries(nord, sign_in, college):
    client = sign_in(nord, "coordinator")
    counts = []
    for number in (1, 2):
        with open_hub(nord.hub):
            for _each in range(number):
                ApplicationFactory(college=college)
        with CaptureQueriesContext(connection) as queries:
            client.get("/gestion/membres/candidatures/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", ["accountant", "receptionist", "observer", "administrator", "stranger"])
def test_only_those_who_keep_the_memberships_read_applications(nord, sign_in, college, role):
    with open_hub(nord.hub):
        application = ApplicationFactory(college=college)

    assert sign_in(nord, role).get(page_of(application)).status_code == 403


def test_an_application_of_another_hub_is_not_found(nord, sud, sign_in):
    with open_hub(sud.hub):
        application = ApplicationFactory()

    assert sign_in(nord, "coordinator").get(page_of(application)).status_code == 404


@pytest.mark.feature("ME6")
def test_a_person_is_admitted_from_their_sheet_and_leaves(nord, sign_in, year, college):
    staff = sign_in(nord, "coordinator")
    page = f"/gestion/membres/personnes/{nord.stranger.public_id}/adherer/"

    sheet = staff.get(f"/gestion/personnes/{nord.stranger.public_id}/")
    staff.post(page, {"kind": "associate", "college": college.pk, "fiscal_year": year.pk})
    with open_hub(nord.hub):
        membership = Membership.objects.get(person=nord.stranger)
    left = staff.post(
        f"/gestion/membres/adhesions/{membership.pk}/fin/",
        {"last_day": TODAY.isoformat(), "reason": "Démission"},
        follow=True,
    )

    assert page in sheet.text
    assert "part, membre jusqu’au" in text(left)
