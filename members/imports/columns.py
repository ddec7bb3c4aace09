"""What columns a file of members may have, and how each cell is read."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy

from hubs.enums import LegalForm
from members.enums import MemberKind
from parties.imports import values
from parties.imports.columns import Column

COLUMNS = (
    Column(
        "name",
        gettext_lazy("Nom"),
        ("structure", "nom de la structure", "raison sociale", "dénomination"),
        "Zutique Productions",
    ),
    Column("legal_form", gettext_lazy("Forme juridique"), ("forme", "statut", "statut juridique"), "association"),
    Column("siret", gettext_lazy("SIRET"), ("n° SIRET", "numéro SIRET", "no SIRET"), "86065698200011"),
    Column("siren", gettext_lazy("SIREN"), ("n° SIREN", "numéro SIREN"), ""),
    Column(
        "trade",
        gettext_lazy("Métier"),
        ("activité", "métier / activité", "activité principale", "secteur", "domaine"),
        "spectacle vivant",
    ),
    Column(
        "kind",
        gettext_lazy("Lien"),
        ("installée ou associée", "type d’adhésion", "type de membre", "lien (installée/associée)"),
        "installée",
    ),
    Column("college", gettext_lazy("Collège"), (), "Structures membres"),
    Column("hosted_by", gettext_lazy("Portée par"), ("portage", "CAE", "structure porteuse", "porté par"), ""),
    Column("address", gettext_lazy("Adresse"), ("rue", "adresse postale"), "9 rue Boutaric"),
    Column("postcode", gettext_lazy("Code postal"), ("CP",), "21000"),
    Column("town", gettext_lazy("Commune"), ("ville",), "Dijon"),
    Column(
        "email",
        gettext_lazy("Courriel"),
        ("e-mail", "email", "mail", "adresse électronique", "mél"),
        "contact@zutique.example",
    ),
    Column("phone", gettext_lazy("Téléphone"), ("tél", "tel", "tél."), "03 80 00 00 00"),
    Column("year", gettext_lazy("Année"), ("année des chiffres", "exercice"), "2013"),
    Column("fte", pgettext_lazy("colonne", "ETP"), ("équivalents temps plein", "nombre d’ETP"), "6,5"),
    Column(
        "permanent",
        gettext_lazy("Permanents"),
        ("salariés permanents", "nombre de permanents", "effectif permanent"),
        "6",
    ),
    Column("budget", gettext_lazy("Budget"), ("budget (€)", "budget annuel"), "620 000"),
    Column("turnover", gettext_lazy("Chiffre d’affaires"), ("CA", "chiffre d’affaires (€)", "CA (€)"), "240 000"),
    Column("equity", gettext_lazy("Fonds propres"), ("fonds propres (€)", "capitaux propres"), "85 000"),
    Column(
        "area",
        gettext_lazy("Surface (m²)"),
        ("surface", "m²", "surface m²", "bureaux occupés (m²)", "surface occupée"),
        "70",
    ),
)
FIGURES: dict[str, Callable[[str], Any]] = {
    "fte": partial(values.number, digits=8, places=2),
    "permanent": partial(values.number, digits=6, places=0),
    "budget": partial(values.number, digits=14, places=2),
    "turnover": partial(values.number, digits=14, places=2),
    "equity": partial(values.number, digits=14, places=2, signed=True),
    "area": partial(values.number, digits=8, places=2),
}
TEXTS: dict[str, Callable[[str], str]] = {
    "name": partial(values.words, longest=160),
    "address": partial(values.words, longest=200),
    "postcode": partial(values.words, longest=10),
    "town": partial(values.words, longest=80),
    "email": values.email,
    "phone": partial(values.words, longest=30),
}
LEGAL_FORMS = {
    LegalForm.ASSOCIATION: ("association", "asso", "association loi 1901", "association 1901", "loi 1901"),
    LegalForm.SCIC: ("scic", "scic sa", "scic sarl", "scic sas", "societe cooperative d interet collectif"),
    LegalForm.SCOP: ("scop", "scop sarl", "scop sa", "scop sas"),
    LegalForm.SARL: ("sarl",),
    LegalForm.EURL: ("eurl",),
    LegalForm.SA: ("sa", "societe anonyme"),
    LegalForm.SAS: ("sas", "sasu"),
    LegalForm.EPCC: ("epcc", "etablissement public de cooperation culturelle"),
    LegalForm.REGIE: ("regie", "regie municipale"),
    LegalForm.UES: ("ues", "union d economie sociale"),
    LegalForm.CAE: (
        "cae",
        "portage cae",
        "portage par une cae",
        "portage via cae",
        "projet en cae",
        "projet porte par une cae",
    ),
    LegalForm.PUBLIC: ("collectivite", "commune", "etablissement public", "collectivite ou etablissement public"),
    LegalForm.NONE: ("pas encore de statut", "sans statut", "aucune", "en creation"),
}
FORMS = {name: form for form, names in LEGAL_FORMS.items() for name in names}
KINDS = {
    **dict.fromkeys(
        ("installee", "installe", "installee dans les lieux", "residente", "resident", "residents", "dans les lieux"),
        MemberKind.RESIDENT,
    ),
    **dict.fromkeys(("associee", "associe", "associee sur le territoire", "sur le territoire"), MemberKind.ASSOCIATE),
}
PLAIN_FIELDS = ("name", "legal_form", "siret", "siren", "address", "postcode", "town", "email", "phone")
