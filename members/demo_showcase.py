"""Public pages of the demo's members. Texts are invented; pictures are drawn here, as posters of cut paper."""

import datetime as dt
import hashlib
import io

from django.utils import timezone
from PIL import Image, ImageDraw

from hubs.actors import Actor, system
from hubs.scope import current_hub_id
from members.actions import add_picture, publish_page, show_me, write_page
from members.models import PublicPage
from members.queries import members_on
from parties.enums import LinkRole
from parties.models import Link, Organisation
from parties.queries import actor_of

# Name, tagline, what it does, how to order (or nothing).
PAGES = (
    ("Zutique Productions", "Un festival de musiques et mille idées par an.",
     "Programmation, production de tournées, régie de festivals.", ""),
    ("Compagnie La Tierce Ronde", "Du théâtre qui se joue en cercle, dans les villages.",
     "Spectacles, lectures et ateliers pour les écoles.", "Écrivez-nous la date et le lieu : un devis part sous huit jours."),
    ("Le Fil sonore", "Nous accompagnons musiciennes et musiciens.",
     "Administration de tournées, conseil, rendez-vous mensuels.", ""),
    ("Images en chantier", "Des films documentaires faits ici.",
     "Captation, montage, films de commande.", "Un formulaire sur notre site, ou un appel le matin."),
    ("Plan large Bourgogne", "Le cinéma se regarde ensemble.",
     "Projections en plein air et ciné-clubs.", ""),
    ("Atelier Pied-de-mouche", "Graphisme imprimé, typographie, affiches.",
     "Affiches sérigraphiées, identités, livres.", "Par courriel, à partir de vingt exemplaires."),
    ("Nuage et Pixels", "Des sites sobres, qui durent.",
     "Sites, applications et formations au logiciel libre.", "Premier rendez-vous gratuit, sur place ou en visio."),
    ("Studio Papier calque", "Dessin, édition, carnets reliés à la main.",
     "Carnets, cartes, faire-part.", "À l’atelier, ou par courriel : comptez deux semaines."),
    ("Compagnie Les Échappées", "Danse et cirque pour l’espace public.",
     "Spectacles de rue, ateliers du samedi.", ""),
    ("La Halle aux récits", "La maison des conteuses et des conteurs.",
     "Saison de contes, formations, location de salle.", ""),
    ("Collectif Basse fréquence", "Musiques électroniques et création radiophonique.",
     "Concerts, sonorisation, ateliers.", "Sonorisation sur devis : écrivez-nous un mois avant."),
    ("Kino Grésilles", "Le cinéma de quartier, fait par le quartier.",
     "Séances à prix libre, ateliers vidéo.", ""),
    ("Radio Quetsche", "La radio qui tend le micro.",
     "Émissions, ateliers radio, podcasts de commande.", "Par téléphone, du mardi au vendredi."),
    ("Les Marionnettes du Suzon", "Marionnettes à fils, à gaine et d’ombre.",
     "Spectacles, construction de marionnettes, stages.", "Marionnettes sur commande : venez avec un dessin."),
    ("Tempo Relais", "Un bureau partagé pour les groupes de la région.",
     "Diffusion, administration, mise en réseau.", ""),
    ("La Fabrique du coin", "Meubles en bois du pays, réparations.",
     "Tables, bancs, agencement.", "À l’atelier le vendredi, ou par courriel avec vos mesures."),
    ("Atelier Terre crue", "Bâtir en terre, former, transmettre.",
     "Enduits, conseil, chantiers participatifs.", ""),
)  # fmt: skip
SKILLS = {
    "Atelier Pied-de-mouche": "sérigraphie, typographie, reliure",
    "Studio Papier calque": "illustration, reliure, calligraphie",
    "Les Marionnettes du Suzon": "sculpture sur bois, couture, ombres",
    "La Fabrique du coin": "menuiserie, ébénisterie, réparation",
    "Atelier Terre crue": "enduits de terre, torchis, pisé",
    "Radio Quetsche": "prise de son, montage, podcasts",
}
INKS = ("#0b6e4f", "#d1495b", "#edae49", "#00798c", "#30343f", "#7d4e9e")
WITHOUT_PICTURE = 4


def fill(today: dt.date) -> None:
    """Each member's page but a few without a picture, one long unconfirmed, and one that is a draft. Twice changes
    nothing.
    """
    if PublicPage.objects.exists():
        return
    by = system(current_hub_id())
    members = {each.name: each for each in members_on(today)}
    told = [(members[name], *rest) for name, *rest in PAGES if name in members]
    for place, (organisation, tagline, offer, ordering) in enumerate(told):
        # The last but one was published long ago and nobody has looked at it since.
        on = today - dt.timedelta(days=400 if place == len(told) - 2 else 30 + 9 * place)
        _write(organisation, tagline, offer, ordering, on=on, by=by)
        if place % WITHOUT_PICTURE != WITHOUT_PICTURE - 1:
            content = drawn(organisation.name)
            add_picture(
                organisation=organisation, content=content, alt=f"Affiche de papiers découpés, {organisation.name}",
                by=by,
            )  # fmt: skip
        if place < len(told) - 1:
            publish_page(organisation=organisation, by=by, on=on)
    _name_directors([organisation for organisation, *_rest in told[:1]], today)


def _write(organisation: Organisation, tagline: str, offer: str, ordering: str, *, on: dt.date, by: Actor) -> None:
    write_page(
        organisation=organisation,
        by=by,
        on=on,
        tagline=tagline,
        text=f"{organisation.name} travaille avec les autres structures du pôle, et reçoit sur rendez-vous.",
        offer=offer,
        takes_orders=bool(ordering),
        ordering=ordering,
        skills=SKILLS.get(organisation.name, ""),
        place="au pied de l’escalier, porte de gauche" if ordering else "",
        opening_times="du mardi au vendredi, 10 h à 18 h" if ordering else "",
        shows_email=True,
    )


def _name_directors(organisations: list[Organisation], today: dt.date) -> None:
    """Those who can sign in agreed to be named, as they would have on the portal."""
    for link in Link.objects.live(today).filter(organisation__in=organisations, role=LinkRole.ADMINISTRATOR):
        if link.person.user is not None:
            now = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=20), dt.time(9)))
            show_me(organisation=link.organisation, by=actor_of(link.person.user, today), now=now)


def drawn(seed: str, width: int = 1280, height: int = 800) -> bytes:
    """A PNG of large shapes; the same seed always gives the same one."""
    stream = hashlib.sha256(seed.encode()).digest()
    picture = Image.new("RGB", (width, height), "#f4efe6")
    pen = ImageDraw.Draw(picture)
    for place in range(8):
        shape, ink, left, top = stream[4 * place : 4 * place + 4]
        x, y, size = width * left // 320, height * top // 320, 140 + shape
        box = (x, y, x + size, y + size)
        colour = INKS[ink % len(INKS)]
        if shape % 3 == 0:
            pen.ellipse(box, fill=colour)
        elif shape % 3 == 1:
            pen.pieslice(box, 180, 360, fill=colour)
        else:
            pen.rectangle((x, y, x + size, y + size // 3), fill=colour)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
