"""What a check found, said to whoever can mend it, with the page where it is mended."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Account

# Business terms of EN 16931 that tell of the seller (BG-4) and of the buyer (BG-7).
SELLER_TERMS, BUYER_TERMS = range(27, 44), range(44, 59)

SELLER: Mapping[str, str | Promise] = {
    "BR-FR-09": gettext_lazy("Le SIRET de l’émetteur ne commence pas par son SIREN."),
    "BR-FR-10": gettext_lazy("L’émetteur n’a pas de SIREN à neuf chiffres."),
    "BR-FR-13": gettext_lazy("L’émetteur n’a pas d’adresse de facturation électronique."),
    "BR-FR-23": gettext_lazy("L’adresse de facturation électronique de l’émetteur est mal écrite."),
    "BR-FR-32": gettext_lazy("L’émetteur n’a pas de SIREN à neuf chiffres."),
    "BR-06": gettext_lazy("La dénomination de l’émetteur manque."),
    "BR-08": gettext_lazy("L’adresse de l’émetteur manque."),
    "BR-S-02": gettext_lazy("Le numéro de TVA de l’émetteur manque."),
    "BR-AE-02": gettext_lazy("Le numéro de TVA de l’émetteur ou celui de l’acheteur manque."),
    "BR-E-02": gettext_lazy("L’émetteur n’a ni numéro de TVA ni SIREN."),
    "BR-CO-09": gettext_lazy("Un numéro de TVA ne commence pas par le code de son pays."),
    "BR-CO-26": gettext_lazy("L’émetteur n’a ni SIREN, ni numéro RNA, ni numéro de TVA."),
}
BUYER: Mapping[str, str | Promise] = {
    "BR-FR-09": gettext_lazy("Le SIRET de la structure ne commence pas par son SIREN."),
    "BR-FR-11": gettext_lazy("Le SIREN de la structure manque, et il le faut sur une facture entre professionnels."),
    "BR-FR-12": gettext_lazy("La structure n’a pas d’adresse de facturation électronique."),
    "BR-FR-21": gettext_lazy("L’adresse de facturation électronique de la structure ne commence pas par son SIREN."),
    "BR-FR-23": gettext_lazy("L’adresse de facturation électronique de la structure est mal écrite."),
    "BR-FR-32": gettext_lazy("Le SIREN de la structure n’a pas neuf chiffres."),
    "BR-07": gettext_lazy("Le nom de l’acheteur manque."),
    "BR-10": gettext_lazy("L’adresse de l’acheteur manque."),
}
RATES: Mapping[str, str | Promise] = {
    "BR-FR-16": gettext_lazy("Un taux de TVA n’est pas de ceux que la France connaît."),
    "BR-E-10": gettext_lazy("Une exonération ne dit pas son motif."),
    "FX-SCH-A-000589": gettext_lazy("Un code d’exonération n’est pas de la liste VATEX."),
}


@dataclass(frozen=True)
class Remedy:
    text: str
    url: str
    action: str


def remedies(faults: Iterable[Mapping[str, str]], account: Account) -> list[Remedy]:
    """Each fault once, in words, with the page that mends it."""
    return list(dict.fromkeys(_remedy(fault, account) for fault in faults))


def _remedy(fault: Mapping[str, str], account: Account) -> Remedy:
    rule = fault["rule"]
    told = fault.get("at") or _party(fault["text"])
    if rule in BUYER and (told == "buyer" or rule not in SELLER):
        return Remedy(str(BUYER[rule]), _buyer_url(account), _("Compléter"))
    if rule in SELLER:
        return Remedy(str(SELLER[rule]), reverse("billing:issuer"), _("Compléter l’émetteur"))
    if rule in RATES:
        return Remedy(str(RATES[rule]), reverse("billing:vat_rules"), _("Voir les règles de TVA"))
    text = _("Le contrôle %(rule)s la refuse\u00a0: %(text)s") % {"rule": rule, "text": fault["text"][:200]}
    return Remedy(text, reverse("billing:account", args=[account.pk]), _("Voir le compte"))


def _party(text: str) -> str:
    """Of whom a rule speaks, by the first business term that it names."""
    found = re.search(r"BT-(\d+)", text)
    term = int(found.group(1)) if found else 0
    return "seller" if term in SELLER_TERMS else "buyer" if term in BUYER_TERMS else ""


def _buyer_url(account: Account) -> str:
    if account.organisation_id is None:
        return reverse("billing:account", args=[account.pk])
    return reverse("billing:buyer", args=[account.pk])
