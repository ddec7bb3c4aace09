"""What a holder may attest today, and what a public code certifies."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hubs import french
from hubs.actors import Actor
from hubs.scope import current_hub
from members.models import Certificate, MemberCard, Membership
from members.parts import CertificateKind, Period, certificate_kinds
from members.queries.memberships import year_in_force
from parties.models import Organisation, Person
from parties.queries import workplaces_of


@dataclass(frozen=True)
class Offer:
    """A certificate and the periods that its holder may take it for; none while there is nothing to attest."""

    kind: CertificateKind
    periods: Sequence[Period]


def holders_of(actor: Actor) -> list[Organisation | Person]:
    """Those whose certificates the actor takes: the structures worked in, then themself."""
    me = Person.objects.known().filter(pk=actor.person_id) if not actor.is_guest else Person.objects.none()
    return [*workplaces_of(actor), *me]


def offers_to(holder: Organisation | Person, today: dt.date) -> list[Offer]:
    """Every kind of certificate of the open modules. A few queries for each kind."""
    return [Offer(kind, kind.periods(holder, today)) for kind in certificate_kinds(current_hub()).values()]


def certificates_of(holder: Organisation | Person) -> list[Certificate]:
    """Those issued to the holder, the last first."""
    whose = {"person" if isinstance(holder, Person) else "organisation": holder}
    return list(Certificate.objects.for_display().filter(**whose))


def is_member(holder: Organisation | Person, on: dt.date) -> bool:
    """Whether a membership of the holder is in force that day. One query."""
    whose = {"person" if isinstance(holder, Person) else "organisation": holder}
    return Membership.objects.in_force(on).filter(**whose).exists()


@dataclass(frozen=True)
class Checked:
    """What a code certifies today: no more than the paper that carries it."""

    title: str
    holds: bool
    sentence: str
    facts: Sequence[tuple[str, str]]
    # Why it no longer holds.
    over: str = ""


def check_code(code: str, today: dt.date) -> Checked | None:
    """The paper of the open hub with this code, capitals and spaces forgiven; None when there is none."""
    code = "".join(code.split()).lower()
    certificate = Certificate.objects.filter(code=code).first()
    if certificate is not None:
        return _checked(certificate)
    card = (
        MemberCard.objects.filter(code=code)
        .select_related("membership__organisation", "membership__person", "membership__college")
        .select_related("membership__fiscal_year")
        .first()
    )
    return _checked_card(card, today) if card else None


def _checked(certificate: Certificate) -> Checked:
    over = ""
    if certificate.withdrawn_on is not None:
        over = _("Elle a été retirée le %s.") % french.day(certificate.withdrawn_on, year=True, weekday=False)
    facts = [
        (_("Numéro"), certificate.number),
        (_("Établie le"), french.day(certificate.issued_on, year=True, weekday=False)),
        (_("Par"), certificate.seller["name"]),
    ]
    return Checked(certificate.title, not over, certificate.sentence, facts, over)


def _checked_card(card: MemberCard, today: dt.date) -> Checked:
    held = card.membership
    year = year_in_force(today)
    left = held.left_on is not None and held.left_on <= today
    erased = held.person is not None and held.person.erased_at is not None
    holds = year is not None and held.fiscal_year_id == year.pk and not left and not erased
    facts = [(_("Collège"), held.college.name), (_("Exercice"), held.fiscal_year.label)]
    words = _("%(name)s est membre de %(hub)s.") if holds else _("%(name)s a été membre de %(hub)s.")
    sentence = words % {"name": held.member, "hub": current_hub().name}
    return Checked(
        str(_("Carte de membre")), holds, sentence, facts, "" if holds else _("L’adhésion n’est plus en cours.")
    )
