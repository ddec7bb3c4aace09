"""Two hubs from their first application to a held assembly: La Coursive's dues follow the scale that it adopts, a SCIC weighs."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.forms import Select

from hubs.actions import create_hub
from hubs.enums import SecondFactor
from hubs.models import Hub, Mail, User
from hubs.scope import open_hub
from tests.billing.conftest import private_files, work
from tests.client import CheckingClient
from tests.members.dues import said

__all__ = ["private_files", "work"]

STRUCTURES = (
    "Zutique", "Octarine", "Papier calque", "Radio Quetsche", "Le Cri de l’Armoire", "Tribu festival", "Sabotage",
    "Les Lisières", "Grand Écart", "Collectif 7", "Atelier du Coin",
)  # fmt: skip
PARTNERS = ("La Minoterie", "Le Consortium", "La Vapeur", "Un Singe en Hiver")
PEOPLE = (("Odile", "Perrault"), ("Marc", "Aubry"))
STAFF = "coordination@la-coursive.example"
VOICES = "/gestion/reglages/poids-des-colleges/"
DUES = "/gestion/membres/cotisations/"
TOO_HEAVY = "Dans une SCIC, aucun collège ne pèse plus de 50 % ni moins de 10 % : corrigez les poids."
COUNTED = ("in_favour", "against", "abstained")


@pytest.fixture
def at():
    """`at(3, 2)`: nine in the morning of 2 March 2026."""
    with time_machine.travel(dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC), tick=False) as clock:

        def moved(month: int, day: int) -> dt.date:
            clock.move_to(dt.datetime(2026, month, day, 9, tzinfo=dt.UTC))
            return dt.date(2026, month, day)

        yield moved


def _shown(form: Any) -> dict[str, Any]:
    """What a browser sends of a form that nobody touched: a list gives its first line."""
    written = {}
    for field in form:
        value, widget = field.value(), field.field.widget
        if value is None and type(widget) is Select:
            value = next(str(key) for key, _label in field.field.choices)
        shown = value if isinstance(value, (bool, list)) or value is None else widget.format_value(value)
        written[field.html_name] = shown[0] if isinstance(shown, list) and len(shown) == 1 else shown
    return written


class House:
    """A new hub of this preset, and the browsers of its people; each comes in by the link of the mail they had."""

    def __init__(self, preset: str, work: Callable[[Hub], int]) -> None:
        host = f"{preset}.localhost"
        self.hub = create_hub(
            slug=preset, preset=preset, host=host, today=dt.date(2026, 1, 5), second_factor=SecondFactor.NOBODY,
            coordinator=f"coordination@{preset}.example",
        )  # fmt: skip
        self.host, self._work, self._visits = host, work, 0
        self.staff = self.browser()
        self.come_back(self.staff, f"coordination@{preset}.example")

    def browser(self) -> CheckingClient:
        return CheckingClient(headers={"host": self.host})

    def come_back(self, client: CheckingClient, email: str) -> None:
        """Weeks later a session is over: they sign in again."""
        with open_hub(self.hub):
            client.force_login(User.objects.get(email=email))

    def mail_to(self, email: str, holding: str = "") -> str:
        with open_hub(self.hub):
            return Mail.objects.filter(to=[email], text__contains=holding).latest("pk").text

    def come_in(self, email: str) -> CheckingClient:
        client, link = self.browser(), re.search(r"/invitation/\S+", self.mail_to(email, "/invitation/"))[0]
        assert client.post(link, REMOTE_ADDR=self._address()).status_code == 302
        return client

    def _address(self) -> str:
        """Each visitor from home: the public forms count what one address sends."""
        self._visits += 1
        return f"10.1.0.{self._visits}"

    def work(self) -> None:
        self._work(self.hub)

    def fill(self, path: str, form: str = "form", by: CheckingClient | None = None, **typed: Any) -> str:
        """Open the page, type, send; the page that follows, in words."""
        client = by or self.staff
        fields = client.get(path).context[form]
        # The choices of a form are read when they are asked for.
        with open_hub(self.hub):
            sent = _shown(fields) | typed
        answer = client.post(
            path, {name: value for name, value in sent.items() if value is not None and value is not False}
        )
        assert answer.status_code == 302, (path, answer.context[form].errors)
        self.last = answer.url
        return said(client.get(answer.url))

    def apply(self, college: str, given: str, family: str, structure: str = "") -> str:
        """The address of whom applies."""
        email = f"{given}.{family}@membres.example".lower()
        visitor = self.browser()
        choices = {str(each): each.pk for each in visitor.get("/rejoindre/").context["form"].fields["college"].queryset}
        sent = visitor.post(
            "/rejoindre/",
            {
                "college": choices[college], "structure_name": structure, "given_name": given, "family_name": family,
                "email": email, "town": "Dijon", "why": "Coopérer.", "consent": "on",
            },
            REMOTE_ADDR=self._address(),
        )  # fmt: skip
        assert sent.status_code == 302, sent.context["form"].errors
        return email

    def admit_all(self, on: dt.date) -> None:
        """Each step of each application, until the inbox is empty."""
        while page := self.staff.get("/gestion/membres/candidatures/").context["page"].object_list:
            for each in page:
                self.fill(f"/gestion/membres/candidatures/{each.public_id}/", is_accepted="yes", on=str(on))

    def convene(self, title: str, day: dt.date, agenda: str, **rules: Any) -> str:
        """The address of an assembly prepared and convened."""
        self.fill(
            "/gestion/assemblees/nouvelle/", kind="ordinary", title=title, starts_at=f"{day}T18:00",
            place="9 place Galilée", **rules,
        )  # fmt: skip
        page = self.last.removesuffix("ordre-du-jour/")
        self.fill(f"{page}ordre-du-jour/", agenda=agenda)
        assert self.staff.post(f"{page}convoquer/").url == f"{page}preuve/"
        return page

    def entries(self, page: str) -> dict[str, int]:
        return {entry.name: entry.pk for entry in self.staff.get(page).context["roll"].object_list}

    def hold(self, page: str, there: list[int]) -> None:
        """Freeze the roll, note who comes, open."""
        self.staff.post(f"{page}etape/", {"to": "frozen"})
        for entry in there:
            self.staff.post(f"{page}accueil/", {"entry": entry})
        assert "ouverte" in said(self.staff.post(f"{page}etape/", {"to": "open"}, follow=True))

    def put(self, page: str, title: str, **given: Any) -> str:
        """The address of a resolution whose vote is open."""
        self.fill(f"{page}resolutions/nouvelle/", title=title, text="L’assemblée approuve.", **given)
        assert "Le vote est ouvert." in said(self.staff.post(f"{self.last}etape/", {"do": "open"}, follow=True))
        return self.last

    def raise_hands(self, one: str, *, against: dict[str, int]) -> None:
        """All the voices of the room are for, but those `against`, by college."""
        sent = {}
        for college, voices, _form in self.staff.get(one).context["hands"]:
            no = against.get(college.name, 0)
            told = zip(COUNTED, (voices - no, no, 0), strict=True)
            sent |= {f"{college.pk}-{name}": count for name, count in told}
        assert self.staff.post(one, sent).status_code == 302

    def tell(self, one: str) -> str:
        """Close the vote and proclaim it: the page of the resolution."""
        self.staff.post(f"{one}etape/", {"do": "close"})
        return said(self.staff.post(f"{one}etape/", {"do": "publish"}, follow=True))

    def sell(self) -> None:
        """Who issues the invoices."""
        self.fill(
            "/gestion/reglages/emetteur/", legal_name=self.hub.name, legal_form="Association loi 1901",
            siren="900274184", address="9 place Galilée", postcode="21000", town="Dijon",
            email="compta@pole.example", iban="FR7630006000011234567890189", bic="AGRIFRPP",
        )  # fmt: skip

    def describe(self, fte: str) -> None:
        """The address and the jobs of each structure, which dues ask for."""
        with open_hub(self.hub):
            structures = list(self.staff.get("/gestion/structures/").context["table"].data)
        for row in structures:
            sheet = f"/gestion/structures/{row.public_id}/"
            self.fill(f"{sheet}modifier/", address="9 place Galilée", postcode="21000", town="Dijon")
            self.fill(f"{sheet}chiffres/", year="2025", fte=fte)


@pytest.mark.feature("ME5", "ME6", "ME15", "GO2", "GO6", "GO7", "GO8", "GO11")
def test_la_coursive_admits_its_members_holds_its_assembly_and_calls_the_dues_it_adopted(db, at, work):
    house = House("la-coursive", work)
    staff = house.staff

    # January: who applies is admitted by the path of their college, and comes in by a link.
    at(1, 12)
    mails = {name: house.apply("Structures membres", "Ana", f"S{n}", name) for n, name in enumerate(STRUCTURES)}
    mails |= {name: house.apply("Partenaires", "Bob", f"P{n}", name) for n, name in enumerate(PARTNERS)}
    mails |= {f"{given} {family}": house.apply("Personnes qualifiées", given, family) for given, family in PEOPLE}
    house.admit_all(at(1, 20))
    listed = said(staff.get("/gestion/membres/liste/"))
    assert [name for name in mails if name.split()[-1] not in listed] == []
    browsers = {name: house.come_in(mails[name]) for name in (*STRUCTURES[:5], PARTNERS[0], "Odile Perrault")}

    # March: the assembly is prepared and convened, weights and scale are ready.
    at(3, 2)
    house.come_back(staff, STAFF)
    colleges = {college.name: name for name, college in staff.get(VOICES).context["form"].colleges.items()}
    shares = dict(zip(colleges.values(), ("60", "20", "20"), strict=True))
    house.fill(VOICES, starts_on="2026-01-01", **shares)
    scale = house.fill(
        "/gestion/reglages/baremes/nouveau/", label="Barème Initiatives et Cité", basis="fte", late_rule="full",
        brackets="0 = 300\n3 = 800\n10 = 4000",
    )  # fmt: skip
    assert "pas encore adopté" in scale
    page = house.convene(
        "Assemblée générale 2026", dt.date(2026, 3, 30), "Rapport moral\nBarème", notice_days=15,
        proxies_per_holder=1, quorum_percent=50, contest_days=0,
    )  # fmt: skip
    mine = f"/mon-espace/{page.removeprefix('/gestion/')}"
    assert all(mine in house.mail_to(mail, "/mon-espace/assemblees/") for mail in mails.values())

    # Two give their proxy to one who holds one already: refused.
    entries = house.entries(page)
    holder = entries["Zutique"]
    for name, browser in browsers.items():
        house.come_back(browser, mails[name])
    given = [
        browsers[name].post(mine, {"giver": entries[name], "holder": holder})
        for name in ("Octarine", "Papier calque", "Radio Quetsche")
    ]
    assert [answer.status_code for answer in given] == [302, 422, 422]
    assert all("a déjà tous les pouvoirs que les statuts lui permettent" in said(answer) for answer in given[1:])

    # The day: all but Octarine, whose proxy votes, and two who stay away.
    at(3, 30)
    for name, browser in browsers.items():
        house.come_back(browser, mails[name])
    house.come_back(staff, STAFF)
    away = {"Octarine", "Collectif 7", "La Vapeur"}
    house.hold(page, [pk for name, pk in entries.items() if name not in away])
    quorum = staff.get(f"{page}quorum/").context["counts"]
    assert [(str(count.college), count.counted, missing) for count, missing in quorum] == [
        ("Structures membres", 10, 0), ("Partenaires", 3, 0), ("Personnes qualifiées", 2, 0),
    ]  # fmt: skip

    secret = house.put(page, "Élection du Bureau", ballot="secret", counting="heads")
    votes = f"{mine}votes/"
    pk = secret.rstrip("/").rpartition("/")[2]
    for name in ("Zutique", "Papier calque", "Radio Quetsche", "Le Cri de l’Armoire", "La Minoterie", "Odile Perrault"):
        voice = f"{pk}-{entries[name]}"
        choice = "against" if name == "La Minoterie" else "for"
        answer = browsers[name].post(votes, {"voice": voice, f"{voice}-choice": choice}, follow=True)
        assert f"Le vote de {name} est noté." in said(answer)
    voice = f"{pk}-{entries['Octarine']}"
    browsers["Zutique"].post(votes, {"voice": voice, f"{voice}-choice": "for"})
    assert "6 pour, 1 contre" in house.tell(secret)

    weighted = house.put(page, "Rapport moral", ballot="hands", counting="colleges")
    house.raise_hands(weighted, against={"Partenaires": 3})
    assert "100 % × 60 % = 60 %" in house.tell(weighted)

    with open_hub(house.hub):
        offered = staff.get(f"{page}resolutions/nouvelle/").context["form"].fields["scale"].queryset.get()
    adopting = house.put(page, "Barème de cotisation", ballot="hands", counting="heads", scale=offered.pk)
    house.raise_hands(adopting, against={})
    assert "adoptée" in house.tell(adopting)
    assert "Adopté le 30 mars 2026" in said(staff.get("/gestion/reglages/baremes/"))

    # Minutes, then the dues by that scale.
    staff.post(f"{page}etape/", {"to": "closed"})
    signed = {"words": "La présidente ouvre la séance.", "chair": "Ana S0", "secretary": "Bob P0"}
    staff.post(f"{page}proces-verbal/", signed | {"publish": "1"})
    house.work()
    assert browsers["Zutique"].get(f"{mine}proces-verbal/").content.startswith(b"%PDF-")

    at(4, 7)
    house.come_back(staff, STAFF)
    house.come_back(browsers["Zutique"], mails["Zutique"])
    house.sell()
    house.describe("3,7")
    rows = staff.get(DUES)
    year = rows.context["chosen"].pk
    for row in rows.context["page"].object_list:
        if row.membership.person_id:
            terms = f"/gestion/membres/adhesions/{row.membership.pk}/cotisation/"
            house.fill(terms, treatment="exempt", reason="Personne qualifiée")
    assert "17 cotisations sont appelées." in house.fill(f"{DUES}{year}/appel/", parts=1)
    house.work()

    zutique = browsers["Zutique"]
    due = said(zutique.get("/mon-espace/cotisation/"))
    assert "Il reste 800,00 € à régler" in due and "Barème Initiatives et Cité adopté le 30 mars 2026" in due
    row = next(each for each in staff.get(DUES).context["page"].object_list if str(each.membership.member) == "Zutique")
    house.fill(f"/gestion/facturation/comptes/{row.invoice.account_id}/", method="transfer")
    assert "payée" in said(zutique.get("/mon-espace/cotisation/"))
    offers = [offer for offer, _form in zutique.get("/mon-espace/attestations/").context["offers"]]
    kind, period = next((each.kind.key, each.periods[0].key) for each in offers if each.kind.key == "members.dues")
    taken = zutique.post("/mon-espace/attestations/", {"kind": kind, "period": period}, follow=True)
    house.work()
    assert "est établie" in said(taken)


@pytest.mark.feature("GO7")
def test_a_scic_weighs_its_colleges_within_the_law_and_counts_by_them(db, at, work):
    house = House("la-coursive", work)
    staff = house.staff
    at(1, 12)
    house.fill("/gestion/reglages/statut/", legal_form="scic", starts_on="2026-01-01")
    for rank in range(4):
        house.apply("Structures membres", "Ana", f"S{rank}", f"Salariés {rank}")
    for rank in range(2):
        house.apply("Partenaires", "Bob", f"P{rank}", f"Usagers {rank}")
    house.apply("Personnes qualifiées", "Odile", "Perrault")
    house.admit_all(at(1, 20))

    names = list(staff.get(VOICES).context["form"].colleges)
    too_heavy = staff.post(VOICES, dict(zip(names, ("60", "30", "10"), strict=True)) | {"starts_on": "2026-01-01"})
    house.fill(VOICES, starts_on="2026-01-01", **dict(zip(names, ("50", "30", "20"), strict=True)))
    page = house.convene("Assemblée générale", dt.date(2026, 1, 30), "Rapport", contest_days=0, notice_days=0)
    at(1, 30)
    house.hold(page, list(house.entries(page).values()))
    adopted = house.put(page, "Rapport de gestion", ballot="hands", counting="colleges")
    house.raise_hands(adopted, against={"Structures membres": 1, "Personnes qualifiées": 1})
    told = house.tell(adopted)

    assert (too_heavy.status_code, TOO_HEAVY in said(too_heavy)) == (422, True)
    assert "75 % × 50 % = 37,5 %" in told and "100 % × 30 % = 30 %" in told and "0 % × 20 % = 0 %" in told
    assert "67,5 %" in told and "adoptée" in told
