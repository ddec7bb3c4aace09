"""A new hub, in one command, ready for its first member; and two hubs that look nothing alike."""

import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from hubs.models import AuditEntry, Hub, Mail
from hubs.presets import PRESETS
from hubs.scope import open_hub
from parties.enums import LinkRole
from parties.models import Person
from spaces.models import Booking, Pool
from tests.client import CheckingClient
from tests.hubs.codes import link_application
from tests.parties.factories import LinkFactory, OrganisationFactory

EMAIL = "claire@brest.example"


def create(slug: str = "brest", **options) -> str:
    """What `manage.py hub create` prints."""
    out = StringIO()
    call_command("hub", "create", slug, stdout=out, **options)
    return out.getvalue()


def browser(host: str = "brest.localhost") -> CheckingClient:
    return CheckingClient(headers={"host": host})


def sign_in_by_code(hub: Hub, email: str) -> CheckingClient:
    client = browser(hub.addresses.get().host)
    client.post(reverse("account_request_login_code"), {"email": email})
    with open_hub(hub):
        code = Mail.objects.latest("pk").subject.split(",")[0]
    client.post(reverse("account_confirm_login_code"), {"code": code})
    return client


@pytest.mark.feature("HU5")
@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_new_hub_is_ready_for_its_first_member(db, preset):
    told = create(preset=preset, name="Le Pôle brestois", email=EMAIL)
    hub = Hub.objects.get(slug="brest")

    # The coordinator is told, signs in by a code, links a telephone, and every page of the menu opens.
    with open_hub(hub):
        welcome = Mail.objects.get()
    coordinator = sign_in_by_code(hub, EMAIL)
    first = coordinator.get("/bienvenue/", follow=True)
    link_application(coordinator)
    desk = coordinator.get("/bienvenue/", follow=True)
    menu = re.findall(r'<a href="(/gestion/[^"]*)"', desk.text)

    assert told == (
        "Le Pôle brestois : http://brest.localhost/\n"
        f"Pour entrer : http://brest.localhost/compte/code/, avec {EMAIL}. "
        "Un code y arrive par courriel, sans mot de passe.\n"
    )
    assert (welcome.to, "http://brest.localhost/compte/code/" in welcome.text) == ([EMAIL], True)
    assert first.redirect_chain == [(reverse("mfa_index"), 302)]
    assert desk.redirect_chain == [(reverse("hubs:staff_home"), 302)]
    assert len(set(menu)) >= 3
    assert {coordinator.get(page).status_code for page in menu} == {200}

    # A first member books at a price that is there already.
    with open_hub(hub):
        member = LinkFactory(organisation=OrganisationFactory(name="Atelier Zinc"), role=LinkRole.ADMINISTRATOR)
        pools = list(Pool.objects.by_rank())
    director = sign_in_by_code(hub, member.person.user.email)
    prices = [director.get(reverse("spaces:place", args=[pool.public_id])).text for pool in pools]

    assert len(pools) >= 2
    assert all(re.search(r'class="price">.*?€', page, re.DOTALL) for page in prices)
    with open_hub(hub):
        assert Booking.objects.count() == 0
        assert all(pool.prices.filter(amount__gt=Decimal(0)).count() >= 3 for pool in pools)


def test_the_first_coordinator_is_a_person_with_a_role(db):
    create(email=EMAIL)

    hub = Hub.objects.get()
    with open_hub(hub):
        person = Person.objects.get()
        verbs = set(AuditEntry.objects.filter(who="Coursive").values_list("verb", flat=True))
    assert (person.email, person.user.email, str(person)) == (EMAIL, EMAIL, "Coordination Le Petit Pôle")
    assert {"parties.person_added", "parties.account_given", "hubs.role_given"} <= verbs


def test_without_a_mail_there_is_nobody_yet(db):
    create()

    with open_hub(Hub.objects.get()):
        assert (Person.objects.count(), Mail.objects.count()) == (0, 0)


@pytest.mark.parametrize(("slug", "host"), [("brest", "autre.localhost"), ("autre", "brest.localhost")])
def test_a_name_or_an_address_already_taken_is_refused(db, slug, host):
    create()

    with pytest.raises(CommandError, match=r"^Un pôle porte déjà cet identifiant\.$"):
        create(slug, host=host)

    assert Hub.objects.count() == 1


@pytest.mark.parametrize("email", ["pas une adresse", "claire@"])
def test_a_mail_that_is_none_is_refused_and_leaves_no_hub(db, email):
    with pytest.raises(CommandError, match="adresse"):
        create(email=email)

    assert Hub.objects.count() == 0


@pytest.mark.feature("HU1")
def test_two_hubs_differ_by_their_address_alone(db):
    create("dijon", preset="la-coursive")
    create("quimper", preset="petit-pole", host="portail.quimper.example")
    Hub.objects.filter(slug="quimper").update(modules=["billing", "members"], accent="#1b6e53")
    dijon, quimper = browser("dijon.localhost"), browser("portail.quimper.example")

    pages = [client.get("/") for client in (dijon, quimper)]

    assert [re.search("<h1>(.*?)</h1>", page.text)[1] for page in pages] == ["La Coursive Boutaric", "Le Petit Pôle"]
    assert [re.search(r"/style/(\w+)\.css", page.text)[1] for page in pages] == ["c2361b", "1b6e53"]
    assert "--accent:#c2361b" in dijon.get("/style/c2361b.css").text
    assert ["Grande salle" in page.text for page in pages] == [True, False]
    assert [client.get("/espaces/").status_code for client in (dijon, quimper)] == [200, 404]
    assert ['href="/espaces/"' in page.text for page in pages] == [True, False]


def test_a_hub_whose_coordinators_are_gone_is_given_one(nord, sud):
    out = StringIO()
    for email in (EMAIL, nord.employee.user.email):
        call_command("hub", "coordinator", "nord", "--email", email, stdout=out)

    told = out.getvalue()
    assert f"http://nord.localhost/compte/code/, avec {EMAIL}." in told
    for email in (EMAIL, nord.employee.user.email):
        assert sign_in_by_code(nord.hub, email).get(reverse("parties:team")).status_code == 200
    with open_hub(nord.hub):
        assert Person.objects.filter(email=nord.employee.email).count() == 1
    with open_hub(sud.hub):
        assert Mail.objects.count() == 0


@pytest.mark.parametrize(("slug", "email"), [("ouest", EMAIL), ("nord", "claire")])
def test_no_coordinator_for_a_hub_or_an_address_that_is_none(nord, slug, email):
    with pytest.raises(CommandError):
        call_command("hub", "coordinator", slug, "--email", email, stdout=StringIO())
