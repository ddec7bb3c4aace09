"""How ready the hub is for electronic invoices, and what waits to be handed in on Chorus Pro."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.einvoice.platforms import current_platform
from billing.enums import VatRegime
from billing.models import Account, BuyerProfile, ChorusDeposit, Invoice, Issuer
from billing.queries.platform import platform_link
from hubs import french
from hubs.enums import ItemState
from hubs.models import RunItem


def chorus_invoices() -> QuerySet[Invoice]:
    """Issued to public bodies, those to hand in first; adds `deposited_on`."""
    deposits = ChorusDeposit.objects.filter(invoice=OuterRef("pk"))
    found = Invoice.objects.issued().filter(buyer__is_public=True)
    return (
        found.annotate(deposited_on=Subquery(deposits.values("deposited_on")[:1]), is_deposited=Exists(deposits))
        .select_related("account__organisation", "account__person")
        .order_by("is_deposited", "-issue_date", "-pk")
    )


@dataclass(frozen=True)
class Step:
    """Something that the reform asks for. `url` is where it is done, '' when nothing is left to do."""

    label: str
    text: str
    is_done: bool
    url: str = ""
    action: str = ""


def readiness(today: dt.date) -> list[Step]:
    """What a hub needs to send and receive electronic invoices, and what it has of it."""
    issuer = Issuer.objects.live(today).first()
    return [_issuer(issuer), _vat(issuer), _bank(issuer), _buyers(), _platform(today)]


def _issuer(issuer: Issuer | None) -> Step:
    url, action = reverse("billing:issuer"), _("Compléter l’émetteur")
    label = _("L’émetteur est connu par son SIREN")
    if issuer is None:
        return Step(label, _("Personne n’émet de factures pour le pôle."), is_done=False, url=url, action=action)
    if not issuer.siren:
        text = _("Sans SIREN, le pôle reste hors de la facturation électronique entre professionnels.")
        return Step(label, text, is_done=False, url=url, action=action)
    address = issuer.einvoice_address or issuer.siren
    text = _("Il reçoit à l’adresse %(address)s, si elle est inscrite à l’annuaire par sa plateforme.")
    return Step(label, text % {"address": address}, is_done=True)


def _vat(issuer: Issuer | None) -> Step:
    label = _("Son régime de TVA est dit")
    done = issuer is not None and bool(issuer.vat_number or issuer.vat_regime != VatRegime.NORMAL)
    if done and issuer is not None:
        return Step(label, issuer.get_vat_regime_display(), is_done=True)
    text = _("Redevable de la TVA, il lui faut son numéro\u00a0; sinon, choisissez l’autre régime.")
    return Step(label, text, is_done=False, url=reverse("billing:issuer"), action=_("Compléter l’émetteur"))


def _bank(issuer: Issuer | None) -> Step:
    label = _("Il est payé sur un compte")
    if issuer is not None and issuer.iban:
        return Step(label, _("Son IBAN figure sur chaque facture et dans son XML."), is_done=True)
    text = _("Sans IBAN, une facture ne dit pas où payer.")
    return Step(label, text, is_done=False, url=reverse("billing:issuer"), action=_("Compléter l’émetteur"))


def _buyers() -> Step:
    """Structures that buy and have no SIREN: their invoices are reported, and reach no platform."""
    label = _("Les structures facturées ont leur SIREN")
    without = Account.objects.filter(organisation__isnull=False, organisation__siren="").count()
    if not without:
        return Step(label, _("Toutes celles qui ont un compte."), is_done=True)
    text = ngettext(
        "%(n)s structure n’en a pas\u00a0: ses factures lui sont remises hors des plateformes.",
        "%(n)s structures n’en ont pas\u00a0: leurs factures leur sont remises hors des plateformes.",
        without,
    )
    return Step(
        label,
        text % {"n": french.number(without)},
        is_done=False,
        url=reverse("billing:accounts"),
        action=_("Voir les comptes"),
    )


def _platform(today: dt.date) -> Step:
    platform = current_platform()
    label = _("Une plateforme agréée reçoit et transmet")
    if platform.name:
        since = platform_link().sends_from
        if since is None:
            text = _("%(name)s : vos factures ne partent pas encore par elle.")
            return Step(label, text % {"name": platform.name}, is_done=True)
        text = _("%(name)s : vos factures partent par elle depuis le %(day)s.")
        if since > today:
            text = _("%(name)s : vos factures partiront par elle à partir du %(day)s.")
        day = french.day(since, year=True, weekday=False)
        return Step(label, text % {"name": platform.name, "day": day}, is_done=True)
    text = _(
        "Aucune n’est reliée au portail\u00a0: rien n’est transmis de lui-même. Choisissez-en une avec votre comptable, "
        "et déposez-y les PDF du mois, qui portent leur XML."
    )
    return Step(label, text, is_done=False)


def buyer_of_account(account: Account) -> BuyerProfile:
    """What the structure asks for, or the empty form of it."""
    return BuyerProfile.objects.filter(account=account).first() or BuyerProfile(account=account)


def waiting_for_chorus() -> int:
    """How many invoices wait to be handed in."""
    deposits = ChorusDeposit.objects.filter(invoice=OuterRef("pk"))
    return Invoice.objects.issued().filter(~Exists(deposits), buyer__is_public=True).count()


def checks_under_way() -> bool:
    """Whether a worker still has drafts to check."""
    return RunItem.objects.filter(job="billing.check_drafts", state=ItemState.TODO).exists()
