"""SIREN, SIRET and VAT numbers: cleaned, checked, and told in French when wrong."""

from django.utils.translation import gettext_lazy as _
from stdnum.eu import vat
from stdnum.exceptions import InvalidLength, ValidationError
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from hubs.refusals import Refusal


class WrongSiren(Refusal):
    message = _("Ce SIREN n’existe pas\u00a0: sa clé de contrôle est fausse.")
    field = "siren"


class WrongSiret(Refusal):
    message = _("Ce SIRET n’existe pas\u00a0: sa clé de contrôle est fausse.")
    field = "siret"


class SiretOfAnotherSiren(Refusal):
    message = _("Le SIRET commence par le SIREN.")
    field = "siret"


class WrongVat(Refusal):
    message = _("Ce numéro de TVA n’existe pas.")
    field = "vat_number"


class VatOfAnotherSiren(Refusal):
    message = _("Ce numéro de TVA n’est pas celui de ce SIREN.")
    field = "vat_number"


def clean_siren(text: str) -> str:
    """Nine digits, spaces forgiven. Raises WrongSiren."""
    number = _bare(text)
    try:
        return stdnum_siren.validate(number) if number else ""
    except InvalidLength as error:
        raise WrongSiren(_("Un SIREN a neuf chiffres.")) from error
    except ValidationError as error:
        raise WrongSiren from error


def clean_siret(text: str) -> str:
    """Fourteen digits, spaces forgiven. Raises WrongSiret."""
    number = _bare(text)
    try:
        return stdnum_siret.validate(number) if number else ""
    except InvalidLength as error:
        raise WrongSiret(_("Un SIRET a quatorze chiffres.")) from error
    except ValidationError as error:
        raise WrongSiret from error


def clean_identifiers(*, siret: str, siren: str, vat_number: str = "") -> tuple[str, str, str]:
    """The three, cleaned; the SIREN comes from the SIRET when it is left out.

    Raises WrongSiret, WrongSiren, SiretOfAnotherSiren, WrongVat, VatOfAnotherSiren.
    """
    siret, siren = clean_siret(siret), clean_siren(siren)
    if siret and siren and not siret.startswith(siren):
        raise SiretOfAnotherSiren
    siren = siren or siret[:9]
    number = _bare(vat_number).upper()
    if number:
        if not vat.is_valid(number):
            raise WrongVat
        if number.startswith("FR") and siren and not number.endswith(siren):
            raise VatOfAnotherSiren
    return siret, siren, number


def _bare(text: str) -> str:
    return "".join(text.split()).replace(".", "").replace("-", "")
