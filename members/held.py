"""What members holds about a structure, and who reads it."""

from django.utils.translation import gettext_lazy as _

from hubs.rules import staff
from members.rules import follows_arrivals, keeps_memberships
from parties.held import nobody_there
from parties.parts import Held
from parties.rules import administers, works_for

HELD = (
    Held(
        key="members.memberships",
        title=_("Les adhésions"),
        what=_("Les exercices, le collège, le lien avec le pôle, la carte de membre."),
        models=("members.Membership", "members.MemberCard"),
        team=staff,
        ours=works_for,
        others=_(
            "Tout le monde, dans l’annuaire\u00a0: que vous êtes membre, votre métier, votre commune et votre site."
        ),
        rank=40,
    ),
    Held(
        key="members.dues",
        title=_("La cotisation"),
        what=_("Ce que vous devez pour l’exercice et pourquoi, ce qui a été convenu, les rappels."),
        models=("members.DuesTerms", "members.DuesCall", "members.RenewalReminder"),
        team=keeps_memberships,
        ours=works_for,
        rank=41,
    ),
    Held(
        key="members.application",
        title=_("La candidature"),
        what=_("Ce que vous avez écrit pour nous rejoindre, et chaque décision."),
        models=("members.Application",),
        team=keeps_memberships,
        ours=nobody_there,
        others=_("Qui l’a envoyée, par le lien reçu par courriel."),
        rank=42,
    ),
    Held(
        key="members.certificates",
        title=_("Les attestations"),
        what=_("Celles que vous avez prises, avec leur numéro."),
        models=("members.Certificate",),
        team=keeps_memberships,
        ours=works_for,
        others=_("Qui tient le papier, ou son code\u00a0: ce qu’il certifie, et rien de plus."),
        rank=43,
    ),
    Held(
        key="members.departures",
        title=_("Les départs et les lettres"),
        what=_("Une démission, une radiation et ses étapes, les lettres que le pôle vous a écrites."),
        models=("members.Letter", "members.Resignation", "members.StrikeOff"),
        team=keeps_memberships,
        ours=administers,
        rank=44,
    ),
    Held(
        key="members.lists",
        title=_("L’arrivée et le départ"),
        what=_("La liste des étapes, la charte acceptée, l’assurance et sa date de fin."),
        models=("members.Checklist",),
        team=follows_arrivals,
        ours=works_for,
        rank=45,
    ),
    Held(
        key="members.page",
        title=_("La page publique"),
        what=_("Vos textes, vos images, les contacts que vous montrez."),
        models=("members.PublicPage",),
        team=keeps_memberships,
        ours=works_for,
        others=_("Tout le monde, une fois publiée."),
        rank=46,
    ),
)
