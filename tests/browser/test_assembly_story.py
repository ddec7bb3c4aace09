"""Two new hubs, from the first application to a held assembly and to dues that are paid, as their people do it.

An operator opens both on the running site, and all the rest is done in pages. Nobody moves the clock: their statutes
ask for no delay between the notice and the assembly, nor for days to contest the roll, so that all is held today.
"""

import csv
import datetime as dt
import http.client
import io
import re
from collections.abc import Callable
from itertools import count
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser.gestures import WAIT, fill, follow, go, look_at, press, read
from tests.browser.test_passkeys import give_device
from tests.browser.test_story import PARIS, plain

pytestmark = pytest.mark.browser

STRUCTURES, PARTNERS, QUALIFIED = "Structures membres", "Partenaires", "Personnes qualifiées"
THE_STRUCTURES = (
    "Zutique", "Octarine", "Papier calque", "Radio Quetsche", "Le Cri de l’Armoire", "Tribu festival", "Sabotage",
    "Les Lisières", "Grand Écart", "Collectif 7", "Atelier du Coin",
)  # fmt: skip
THE_PARTNERS = ("La Minoterie", "Le Consortium", "La Vapeur", "Un Singe en Hiver")
TODAY = f"{dt.datetime.now(PARIS):%Y-%m-%d}"
COLLEGES = (STRUCTURES, PARTNERS, QUALIFIED)
SCALE, BY_COLLEGE = "Barème Initiatives et Cité", "par collège, puis selon le poids de chacun"
HOLDS_ENOUGH = "a déjà tous les pouvoirs que les statuts lui permettent"
TOO_HEAVY = "Dans une SCIC, aucun collège ne pèse plus de 50 % ni moins de 10 % : corrigez les poids."


class House:
    """A new hub of the instance, and the browsers of its people."""

    def __init__(self, people: Callable[..., Page], site, slug: str) -> None:
        self.site, self.slug, self._people, self._visits = site, slug, people, count(2)
        site.manage("hub", "create", slug, "--preset", "la-coursive", "--email", f"coordination@{slug}.example")
        self.staff = self.arrive()
        self._enter_with_a_code(self.staff, f"coordination@{slug}.example")

    def arrive(self, *, phone: bool = False) -> Page:
        """Someone comes to the public site."""
        page = self._people(None, hub=self.slug, phone=phone)
        page.goto(self.site.url("/", self.slug))
        return page

    def _enter_with_a_code(self, page: Page, email: str) -> None:
        """The first time, staff are led to set up a second step: a passkey."""
        go(page, "Se connecter", "Recevoir un code")
        fill(page, {"Adresse électronique": email})
        press(page, "Envoyer le code")
        page.wait_for_url("**/code/saisie/")
        fill(page, {"Code reçu": self.mail_to(email, r"portail de [^:]+:\s*([A-Z0-9-]+)")})
        press(page, "Entrer")
        give_device(page)
        go(page, "Ajouter une clé d’accès")
        fill(page, {"Comment la reconnaîtrez-vous ?": "Mon téléphone"})
        press(page, "Créer la clé d’accès")
        expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")
        go(page, "C’est rangé")

    def mail_to(self, email: str, pattern: str) -> str:
        return self.site.mail_that_says(rf"(?s)To: {re.escape(email)}\n(?:(?!\nTo: ).)*?{pattern}")

    def come_in(self, email: str, *, phone: bool = False) -> Page:
        """The browser of who was just admitted, by the link of their mail."""
        page = self.arrive(phone=phone)
        page.goto(self.mail_to(email, r"(http://\S+/invitation/\S+)"))
        press(page, "Accepter et entrer")
        go(page, "Continuer")
        return page

    def apply(self, college: str, given: str, family: str, structure: str = "", *, phone: bool = False) -> str:
        """Apply with a browser; the address of whom applies."""
        page = self.arrive(phone=phone)
        page.goto(self.site.url("/rejoindre/", self.slug))
        email = f"{given}.{family}@{self.slug}.example".lower()
        told = {"Prénom": given, "Nom": family, "Adresse électronique": email, "Pourquoi nous rejoindre": "Coopérer."}
        fill(page, {"Collège": college, "Nom de la structure": structure, **told})
        page.get_by_label("J’accepte que le pôle garde").check()
        press(page, "Envoyer ma candidature")
        expect(page.get_by_role("heading", level=1)).to_have_text("Candidature envoyée")
        page.context.close()
        return email

    def apply_from_home(self, college: str, given: str, family: str, structure: str = "") -> str:
        """The same, by the same form, from another address: the site takes ten forms from one in ten minutes."""
        source = (f"127.0.0.{next(self._visits)}", 0)
        asked = http.client.HTTPConnection("127.0.0.1", self.site.port, source_address=source)
        host = {"Host": urlsplit(self.site.url("/", self.slug)).netloc}
        asked.request("GET", "/rejoindre/", headers=host)
        answer = asked.getresponse()
        html = answer.read().decode()
        cookies = "; ".join(cookie.split(";")[0] for cookie in answer.headers.get_all("Set-Cookie"))
        email = f"{given}.{family}@{self.slug}.example".lower()
        told = {
            "csrfmiddlewaretoken": re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)[1],
            "college": re.search(rf'value="(\d+)"[^>]*>{college}', html)[1],
            "structure_name": structure, "given_name": given, "family_name": family, "email": email,
            "why": "Coopérer.", "consent": "on",
        }  # fmt: skip
        sent = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        asked.request("POST", "/rejoindre/", urlencode(told), headers=host | sent)
        assert asked.getresponse().headers["Location"] == "/rejoindre/envoyee/"
        asked.close()
        return email

    def admit_all(self) -> None:
        """Say yes at each step of each application, the oldest first, until none is left."""
        staff, yes = self.staff, self.staff.get_by_label("oui, la candidature continue")
        go(staff, "Adhésions", "Candidatures")
        while staff.locator("a.line-main").count():
            follow(staff.locator("a.line-main").first)
            while yes.count():
                yes.check()
                press(staff, "Noter la décision")
                read(staff, "C’est noté : candidature")
            go(staff, "Candidatures")
        read(staff, "Aucune candidature ici")

    def adopt_rules(self) -> None:
        """What the statutes say of an assembly, so that one is held today."""
        rules = {
            "Jours entre la convocation et l’assemblée, au moins": "0", "Pouvoirs par personne, au plus": "1",
            "Quorum par collège, en pourcentage": "50", "Jours pour contester la liste électorale": "0",
        }  # fmt: skip
        go(self.staff, "Réglages", "Les assemblées", "Règles d’assemblée", "Noter des règles")
        fill(self.staff, {"À partir du": TODAY} | rules)
        press(self.staff, "Noter ces règles")

    def prepare(self, title: str, agenda: str) -> None:
        """An assembly by the rules of the statutes, convened; its page."""
        starts = dt.datetime.now(PARIS) + dt.timedelta(hours=1)
        go(self.staff, "Assemblées", "Préparer une assemblée")
        fill(self.staff, {"Titre": title, "Jour et heure": f"{starts:%Y-%m-%dT%H:%M}", "Lieu": "9 place Galilée"})
        press(self.staff, "Préparer l’assemblée")
        fill(self.staff, {"Ordre du jour": agenda})
        press(self.staff, "Noter l’ordre du jour")
        go(self.staff, "Convoquer les membres…")
        look_at(self.staff)
        press(self.staff, "Envoyer la convocation")
        read(self.staff, "La convocation part.")
        look_at(self.staff)
        go(self.staff, title)

    def welcome(self, *names: str) -> None:
        """At the desk, from the page of the assembly and back to it."""
        go(self.staff, "Noter les arrivées")
        for name in names:
            press(self.staff.locator(".line", has_text=name), f"Noter l’arrivée de {name}")
        look_at(self.staff)
        follow(self.staff.get_by_role("navigation", name="Fil d’Ariane").get_by_role("link"))

    def move(self, step: str) -> None:
        """Lead the assembly one step further, on its page."""
        press(self.staff, step)
        expect(self.staff.get_by_role("button", name=step)).to_have_count(0)

    def put(self, title: str, **asked: str) -> None:
        """Write a resolution among those of the assembly, and open its vote."""
        labels = {
            "ballot": "Scrutin",
            "counting": "Décompte des voix",
            "scale": "Barème de cotisation adopté avec elle",
        }
        go(self.staff, "Écrire une résolution")
        told = {"Titre": title, "Texte soumis au vote": "L’assemblée approuve."}
        fill(self.staff, told | {labels[name]: value for name, value in asked.items()})
        press(self.staff, "Noter la résolution")
        press(self.staff, "Ouvrir le vote")
        read(self.staff, "Le vote est ouvert.")

    def raise_hands(self, hands: dict[str, tuple[int, int]]) -> None:
        """For and against, by college."""
        for college, (in_favour, against) in hands.items():
            counted = {"Pour": str(in_favour), "Contre": str(against), "Abstentions": "0"}
            fill(self.staff.get_by_role("group", name=college), counted)
        look_at(self.staff)
        press(self.staff, "Noter les mains levées")
        read(self.staff, "Les mains levées sont notées.")

    def tell(self, *words: str) -> None:
        """Close the vote and proclaim it: what the page says then, and back among the resolutions."""
        press(self.staff, "Clore le vote")
        press(self.staff, "Proclamer le résultat")
        read(self.staff, "Le résultat est proclamé.", *words)
        look_at(self.staff)
        go(self.staff, "Résolutions")

    def bring_figures(self, names: tuple[str, ...], fte: str) -> None:
        """The address and last year's jobs of each structure, from the spreadsheet of the coordination."""
        year = int(TODAY[:4]) - 1
        sheet = io.StringIO()
        lines = csv.writer(sheet, delimiter=";")
        lines.writerow(("Nom", "Adresse", "Code postal", "Commune", "Année", "ETP"))
        lines.writerows((name, "9 place Galilée", "21000", "Dijon", year, fte) for name in names)
        go(self.staff, "Adhésions", "Importer un fichier")
        file = {"name": "fiches.csv", "mimeType": "text/csv", "buffer": sheet.getvalue().encode()}
        self.staff.locator("input[type=file]").set_input_files(file)
        press(self.staff, "Voir ce qui va se passer")
        press(self.staff, f"Importer les {len(names)} structures")
        expect(self.staff.get_by_role("heading", name="C’est importé")).to_be_visible(timeout=WAIT)
        go(self.staff, "Cotisations")

    def exempt(self, name: str) -> None:
        """From the list of the dues and back to it."""
        follow(self.staff.get_by_role("row", name=name).get_by_role("link", name="Conditions"))
        self.staff.get_by_label("dispensée de cotisation").check()
        fill(self.staff, {"Motif": "Personne qualifiée"})
        press(self.staff, "Noter ces conditions")


def open_assembly(member: Page, title: str) -> None:
    """From wherever the member is, to what they are called to."""
    go(member, "Assemblées", title)


def give_proxy(member: Page, holder: str) -> None:
    fill(member, {"Donner pouvoir à": holder})
    press(member, "Donner pouvoir")


def vote(member: Page, name: str, choice: str) -> None:
    """With the voice of this member of the roll."""
    card = member.locator(".card", has=member.get_by_role("heading", name=name))
    card.get_by_label(choice, exact=True).check()
    press(card, "Voter")
    read(member, f"Le vote de {name} est noté.")


@pytest.mark.feature("ME5", "ME6", "ME15", "GO2", "GO6", "GO7", "GO8", "GO11")
def test_la_coursive_admits_its_members_holds_its_assembly_and_calls_the_dues_it_adopted(people, site):
    house = House(people, site, "les-ateliers")
    staff = house.staff

    # Two apply in a browser, one of them alone and on a phone; the others by the same form, each from home.
    mails = {"Zutique": house.apply(STRUCTURES, "Ana", "Zut", "Zutique")}
    mails["Odile Perrault"] = house.apply(QUALIFIED, "Odile", "Perrault", phone=True)
    mails |= {
        each: house.apply_from_home(STRUCTURES, "Ana", f"S{n}", each) for n, each in enumerate(THE_STRUCTURES[1:])
    }
    mails |= {each: house.apply_from_home(PARTNERS, "Bob", f"P{n}", each) for n, each in enumerate(THE_PARTNERS)}
    mails["Marc Aubry"] = house.apply_from_home(QUALIFIED, "Marc", "Aubry")
    house.admit_all()
    names = ("Zutique", "Octarine", "Papier calque", "Radio Quetsche")
    members = {name: house.come_in(mails[name]) for name in names}
    zutique, odile = members["Zutique"], house.come_in(mails["Odile Perrault"], phone=True)

    # The statutes, the weights, the scale to adopt, then the assembly.
    house.adopt_rules()
    go(staff, "Poids des collèges")
    fill(staff, dict(zip((f"{each}, en %" for each in COLLEGES), ("60", "20", "20"), strict=True)))
    press(staff, "Noter les poids")
    go(staff, "Les membres", "Barèmes", "Écrire un barème")
    brackets = {"Calculé sur": "les équivalents temps plein (ETP)", "Tranches": "0 = 300\n3 = 800\n10 = 4000"}
    fill(staff, {"Nom du barème": SCALE, "À partir de l’exercice": TODAY[:4]} | brackets)
    press(staff, "Noter le barème")
    read(staff, "pas encore adopté")
    house.prepare("Assemblée générale", "Rapport moral\nÉlection du Bureau\nBarème")

    zutique.reload()
    read(zutique, "Vous êtes convoqué·e")
    look_at(zutique)

    # Zutique may hold one proxy: the second and the third are refused, beside the name that was chosen.
    for name in names[1:]:
        open_assembly(members[name], "Assemblée générale")
        give_proxy(members[name], "Zutique")
        read(members[name], "Le pouvoir est donné." if name == "Octarine" else HOLDS_ENOUGH)
        expect(members[name].locator("select option:checked")).to_have_text([] if name == "Octarine" else ["Zutique"])
        look_at(members[name])

    # At the desk, and on a screen at the back of the room that nobody touches.
    house.move("Arrêter la liste")
    room = staff.context.new_page()
    room.goto(staff.url)
    go(room, "Suivre le quorum")
    figures = room.locator("#quorum .figure-value")
    expect(figures).to_have_text(["11", "0", "0", "6", "4", "0", "0", "2", "2", "0", "0", "1"])
    house.welcome("Zutique")
    expect(figures).to_have_text(["11", "1", "1", "4", "4", "0", "0", "2", "2", "0", "0", "1"], timeout=WAIT)
    away = {"Octarine", "Collectif 7", "La Vapeur"}
    house.welcome(*(name for name in mails if name not in {"Zutique", *away}))
    expect(figures).to_have_text(["11", "9", "1", "0", "4", "3", "0", "0", "2", "2", "0", "0"], timeout=WAIT)
    look_at(room)
    house.move("Ouvrir l’assemblée")

    # In secret, each from their own space; the next vote comes to who waits, and the counter moves by itself.
    open_assembly(odile, "Assemblée générale")
    go(odile, "Votes et résultats")
    read(odile, "Aucun vote n’est ouvert en ce moment.")
    go(staff, "Ouvrir et clore les votes")
    house.put("Élection du Bureau", ballot="secret, chacun vote depuis son espace", counting="toutes les voix ensemble")
    expect(odile.get_by_role("heading", name="Élection du Bureau")).to_be_visible(timeout=WAIT)
    look_at(odile)
    vote(odile, "Odile Perrault", "pour")
    expect(staff.locator("#participation .figure-value").first).to_have_text("1", timeout=WAIT)
    for name in ("Zutique", "Papier calque", "Radio Quetsche"):
        go(members[name], "Mon espace", "Voter : Assemblée générale")
        vote(members[name], name, "contre" if name == "Papier calque" else "pour")
    vote(zutique, "Octarine", "pour")
    house.tell("4 pour, 1 contre", "adoptée")

    # By hands, weighed by college; then the scale.
    house.put("Rapport moral", counting=BY_COLLEGE)
    house.raise_hands({STRUCTURES: (10, 0), PARTNERS: (0, 3), QUALIFIED: (2, 0)})
    house.tell("100 % × 60 % = 60 %", "0 % × 20 % = 0 %", "Au total : 80 % pour")
    house.put("Barème de cotisation", counting="toutes les voix ensemble", scale=SCALE)
    house.raise_hands({STRUCTURES: (10, 0), PARTNERS: (3, 0), QUALIFIED: (2, 0)})
    house.tell("Barème adopté avec elle", "Au total : 100 % pour")

    # Closed, and its minutes in the hands of a member.
    go(staff, "Assemblée générale")
    house.move("Clore l’assemblée")
    go(staff, "Écrire le procès-verbal")
    signed = {"Président·e de séance": "Ana Zut", "Secrétaire de séance": "Bob P0"}
    fill(staff, {"Déroulé": "La présidente ouvre la séance."} | signed)
    press(staff, "Publier")
    expect(staff.get_by_role("link", name="Télécharger le PDF")).to_be_visible(timeout=WAIT)
    look_at(staff)
    zutique.reload()
    with zutique.expect_download() as download:
        zutique.get_by_role("link", name="Télécharger le procès-verbal").click()
    minutes = PdfReader(io.BytesIO(download.value.path().read_bytes()))
    said = plain(" ".join(sheet.extract_text() for sheet in minutes.pages))
    for words in ("PV-", "Octarine (représenté·e par Zutique)", "4 pour, 1 contre", "100 % × 60 % = 60 %", "Ana Zut"):
        assert words in said

    # The dues by that scale: the figures come in one file, the persons are exempt, the run is watched to its end.
    go(staff, "Réglages", "Les membres", "Barèmes")
    read(staff, "par : Assemblée générale")
    house.bring_figures(THE_STRUCTURES + THE_PARTNERS, "3,7")
    for name in ("Odile Perrault", "Marc Aubry"):
        house.exempt(name)
    go(staff, "Appeler 17 cotisations")
    read(staff, "12 000,00 €")
    look_at(staff)
    press(staff, "Appeler 17 cotisations")
    go(staff, "Suivre le travail")
    read(staff, "Tout est fait.")
    go(staff, "Voir le résultat")
    look_at(staff)

    # Zutique reads why, pays by transfer, and the coordination notes it.
    go(zutique, "Mon espace")
    zutique.get_by_role("link", name="Zutique").first.click()
    read(zutique, "Il reste 800,00 € à régler", f"3,7 équivalents temps plein (ETP), {SCALE} adopté le")
    look_at(zutique)
    follow(staff.get_by_role("row", name="Zutique").get_by_role("link"))
    press(staff, "Noter le paiement")
    read(staff, "800,00 € reçus")
    zutique.reload()
    read(zutique, "payée")


@pytest.mark.feature("GO7")
def test_a_scic_weighs_its_colleges_within_the_law_and_counts_by_them(people, site):
    house = House(people, site, "la-scic")
    staff = house.staff
    go(staff, "Réglages", "Changer de statut…")
    fill(staff, {"Forme juridique": "SCIC", "À partir du": TODAY})
    press(staff, "Noter le statut")
    for n in range(4):
        house.apply_from_home(STRUCTURES, "Ana", f"S{n}", f"Salariés {n}")
    for n in range(2):
        house.apply_from_home(PARTNERS, "Bob", f"P{n}", f"Usagers {n}")
    house.apply_from_home(QUALIFIED, "Odile", "Perrault")
    house.admit_all()

    # What the law refuses is said on the page, and what was typed is still there to mend.
    house.adopt_rules()
    go(staff, "Poids des collèges")
    fields = [f"{each}, en %" for each in COLLEGES]
    fill(staff, dict(zip(fields, ("60", "30", "10"), strict=True)))
    press(staff, "Noter les poids")
    read(staff, TOO_HEAVY)
    for kept in ("60", "30", "10"):
        expect(staff.locator(f"main input[value='{kept}']")).to_be_visible()
    look_at(staff)
    fill(staff, dict(zip(fields, ("50", "30", "20"), strict=True)))
    press(staff, "Noter les poids")
    read(staff, "Les poids des collèges sont notés.")

    house.prepare("Assemblée des associés", "Rapport de gestion")
    house.move("Arrêter la liste")
    house.welcome(*(f"Salariés {n}" for n in range(4)), "Usagers 0", "Usagers 1", "Odile Perrault")
    house.move("Ouvrir l’assemblée")
    go(staff, "Ouvrir et clore les votes")
    house.put("Rapport de gestion", counting=BY_COLLEGE)
    house.raise_hands({STRUCTURES: (3, 1), PARTNERS: (2, 0), QUALIFIED: (0, 1)})
    house.tell("75 % × 50 % = 37,5 %", "100 % × 30 % = 30 %", "0 % × 20 % = 0 %", "Au total : 67,5 % pour", "adoptée")
