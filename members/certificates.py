"""What members attests: dues paid for a year, and since when a structure is hosted here."""

import datetime as dt

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Allocation
from hubs import french
from members.enums import DuesState, MemberKind
from members.models import DuesTerms, Membership
from members.parts import Attested, CertificateKind, Period
from members.queries import dues_states, memberships_by_year, year_in_force
from parties.models import Organisation, Person

Holder = Organisation | Person
TODAY = "a-ce-jour"


def _whose(holder: Holder) -> dict[str, Holder]:
    return {"person" if isinstance(holder, Person) else "organisation": holder}


def _called(holder: Holder) -> list[Membership]:
    rows = Membership.objects.filter(**_whose(holder), dues_call__invoice__isnull=False)
    return list(rows.select_related("college", "fiscal_year", "dues_call__invoice").order_by("-fiscal_year__starts_on"))


def _dues_periods(holder: Holder, today: dt.date) -> list[Period]:
    """The years whose dues are paid in full."""
    return [
        Period(str(held.fiscal_year_id), _("exercice %s") % held.fiscal_year.label)
        for held in _called(holder)
        if dues_states(held.fiscal_year, today)[held.pk] == DuesState.PAID
    ]


def _attest_dues(holder: Holder, period: str, today: dt.date) -> Attested | None:
    held = next((each for each in _called(holder) if str(each.fiscal_year_id) == period), None)
    if held is None or dues_states(held.fiscal_year, today)[held.pk] != DuesState.PAID:
        return None
    call, year = held.dues_call, held.fiscal_year
    paid = Allocation.objects.filter(invoice=call.invoice, released_at=None, payment__received_on__lte=today)
    settled_on = paid.aggregate(on=Max("payment__received_on"))["on"]
    given = {"year": year.label, "amount": french.euros(call.amount)}
    facts = [
        (_("Collège"), held.college.name),
        (_("Période"), french.period(call.starts_on, call.last_day)),
        (_("Appel de cotisation"), call.invoice.number),
        (_("Montant"), french.euros(call.amount)),
    ]
    if settled_on is not None:
        facts.append((_("Réglée le"), french.day(settled_on, year=True, weekday=False)))
    return Attested(_("a réglé en entier sa cotisation de l’exercice %(year)s, soit %(amount)s.") % given, facts)


def hosted_since(organisation: Organisation, today: dt.date) -> dt.date | None:
    """The first day of the unbroken years that the structure has been hosted for; None when it is not today."""
    year = year_in_force(today)
    since, first = None, None
    for each, held in memberships_by_year(organisation, today):
        if year is None or each.starts_on > year.starts_on:
            continue
        if held is None or held.kind != MemberKind.RESIDENT or held.left_on is not None:
            break
        since, first = each.starts_on, held
    if first is None:
        return None
    joined_on = DuesTerms.objects.filter(membership=first).values_list("joined_on", flat=True).first()
    return joined_on or since


def _hosted_periods(holder: Holder, today: dt.date) -> list[Period]:
    hosted = isinstance(holder, Organisation) and hosted_since(holder, today) is not None
    return [Period(TODAY, _("à ce jour"))] if hosted else []


def _attest_hosted(holder: Holder, period: str, today: dt.date) -> Attested | None:
    since = hosted_since(holder, today) if isinstance(holder, Organisation) and period == TODAY else None
    if since is None:
        return None
    words = french.day(since, year=True, weekday=False)
    statement = _("est hébergée par le pôle depuis le %s, sans interruption à ce jour.") % words
    return Attested(statement, [(_("Depuis le"), words)])


KINDS = (
    CertificateKind(
        key="members.dues",
        title=gettext_lazy("Attestation de cotisation"),
        lead=gettext_lazy("Que votre cotisation d’un exercice est réglée\u00a0: pour une assurance, un financeur."),
        periods=_dues_periods,
        attest=_attest_dues,
        nothing_yet=gettext_lazy("Elle se prend dès que la cotisation est réglée en entier."),
    ),
    CertificateKind(
        key="members.hosted",
        title=gettext_lazy("Attestation d’hébergement"),
        lead=gettext_lazy("Que vous êtes installés ici, et depuis quand\u00a0: pour une banque, la préfecture."),
        periods=_hosted_periods,
        attest=_attest_hosted,
        nothing_yet=gettext_lazy("Elle se prend par les structures installées dans les lieux."),
    ),
)
