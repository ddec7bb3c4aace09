"""What parties holds about a structure, and who reads it."""

from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.rules import staff
from parties.parts import Held
from parties.rules import administers, keeps_structures, may_invite, sees_figures, works_for


def nobody_there(actor: Actor, organisation_id: int) -> bool:
    """What the portal shows to no one of the structure: it is asked for."""
    return False


HELD = (
    Held(
        key="parties.sheet",
        title=_("La fiche"),
        what=_("Nom, forme, numéros, adresses, métier, et ce que le pôle demande en plus."),
        models=("parties.Organisation", "parties.OtherTrade", "parties.OwnValue", "parties.Merge"),
        team=staff,
        ours=works_for,
        rank=10,
    ),
    Held(
        key="parties.people",
        title=_("Les personnes et leurs rôles"),
        what=_("Qui travaille chez vous, avec quel rôle, et depuis quand."),
        models=("parties.Link", "parties.Person"),
        team=staff,
        ours=works_for,
        rank=11,
    ),
    Held(
        key="parties.invitations",
        title=_("Les invitations"),
        what=_("Qui est invité à vous rejoindre sur le portail, et par qui."),
        models=("parties.Invitation",),
        team=staff,
        ours=may_invite,
        rank=12,
    ),
    Held(
        key="parties.papers",
        title=_("Les documents"),
        what=_("Statuts, assurance, RIB\u00a0: ce que le pôle vous demande, avec sa date de fin."),
        models=("parties.Paper",),
        team=keeps_structures,
        ours=administers,
        rank=13,
    ),
    Held(
        key="parties.relations",
        title=_("Ce que vous êtes pour le pôle"),
        what=_("Partenaire, fournisseur, financeur, client ou bailleur, et depuis quand."),
        models=("parties.Relation",),
        team=staff,
        ours=nobody_there,
        rank=14,
    ),
    Held(
        key="parties.figures",
        title=_("Les chiffres de l’année"),
        what=_("Emplois, budget, chiffre d’affaires, fonds propres, surface."),
        models=("parties.YearFigures",),
        team=sees_figures,
        ours=nobody_there,
        others=_("Les élu·es et le comité de pilotage lisent des totaux, sans le chiffre d’aucune structure."),
        looks=("parties.figures_seen",),
        rank=20,
    ),
)
