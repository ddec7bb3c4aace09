"""What the platform, or a client through it, answered that somebody has to see to."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Transmission
from billing.queries import faulty_arrivals, transmissions_in_trouble
from hubs.parts import HANDFUL, Todo


def platform_todos() -> list[Todo]:
    return [*_refused(), *_unreadable()]


def _refused() -> list[Todo]:
    troubles = transmissions_in_trouble()
    kind = _("Facture électronique")
    if len(troubles) > HANDFUL:
        label = _("%(n)s factures attendent une réponse à leur client") % {"n": len(troubles)}
        reason = ", ".join(str(each.invoice) for each in troubles)
        url = reverse("billing:einvoicing")
        since = timezone.localdate(troubles[0].last_at)
        return [Todo("billing.transmissions", kind, label, reason, url, since, verb=_("Voir les factures"))]
    return [
        Todo(
            f"billing.transmission:{each.pk}",
            kind,
            str(each.invoice.account),
            _reason(each),
            reverse("billing:invoice", args=[each.invoice_id]),
            timezone.localdate(each.last_at),
            verb=_("Voir la facture"),
        )
        for each in troubles
    ]


def _reason(sent: Transmission) -> str:
    told = {"number": sent.invoice.number, "status": sent.label.lower()}
    if not sent.last_text:
        return _("%(number)s est %(status)s.") % told
    return _("%(number)s est %(status)s\u00a0: %(text)s") % (told | {"text": sent.reason[:160]})


def _unreadable() -> list[Todo]:
    arrivals = list(faulty_arrivals())
    if not arrivals:
        return []
    return [
        Todo(
            "billing.arrivals",
            _("Fournisseurs"),
            _("Demander au fournisseur un fichier qui se lit"),
            ", ".join(each.name for each in arrivals),
            reverse("billing:supplier_invoices"),
            timezone.localdate(arrivals[0].told_at),
            verb=_("Voir ce qui est arrivé"),
        )
    ]
