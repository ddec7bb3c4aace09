"""The codes by which a platform or a client says why (XP Z12-012, lists of reasons), in words."""

import re

from django.utils.translation import gettext_lazy as _

REASONS = {
    "ADR_ERR": _("l’adresse électronique est fausse"),
    "CALCUL_ERR": _("un calcul est faux"),
    "CMD_ERR": _("le numéro de commande manque ou est faux"),
    "CONTRAT_TERM": _("le contrat est terminé"),
    "DEST_ERR": _("le destinataire n’est pas le bon"),
    "DEST_INC": _("le destinataire n’est pas dans l’annuaire"),
    "DOUBLE_FACT": _("c’est facturé deux fois"),
    "DOUBLON": _("elle est déjà arrivée"),
    "EMMET_INC": _("l’émetteur n’est pas connu"),
    "IRR_ANTIVIRUS": _("un virus y est trouvé"),
    "IRR_SYNTAX": _("le fichier ne suit pas le format"),
    "IRR_TAILLE_F": _("le fichier est trop gros"),
    "IRR_TYPE_F": _("ce type de fichier n’est pas pris"),
    "IRR_VID_F": _("le fichier est vide"),
    "MONTANTTOTAL_ERR": _("le montant total est faux"),
    "NON_CONFORME": _("une mention légale manque"),
    "REF_CT_ABSENT": _("la référence du contrat manque"),
    "REJ_ADR": _("l’adresse ne convient pas"),
    "REJ_COH": _("deux données se contredisent"),
    "REJ_SEMAN": _("une donnée ne suit pas les règles"),
    "REJ_UNI": _("ce numéro a déjà servi"),
    "TRANSAC_INC": _("la vente n’est pas connue du client"),
    "TX_TVA_ERR": _("le taux de TVA est faux"),
}


def in_words(text: str) -> str:
    """What was told, its codes said in words; one that is of no list stays as it is."""
    return re.sub(r"\b[A-Z][A-Z_]+[A-Z]\b", lambda found: str(REASONS.get(found[0], found[0])), text)
