"""The chart of accounts that a hub begins with (règlement ANC 2018-06), and where each thing is written."""

from billing.enums import LedgerUse

ACCOUNTS = {
    "165000": "Dépôts et cautionnements reçus",
    "411000": "Adhérents, usagers et clients",
    "419100": "Avances et acomptes reçus sur commandes",
    "445710": "TVA collectée",
    "445711": "TVA collectée à 20 %",
    "445712": "TVA collectée à 10 %",
    "445713": "TVA collectée à 5,5 %",
    "445714": "TVA collectée à 2,1 %",
    "467100": "Autres comptes débiteurs ou créditeurs",
    "471000": "Comptes d’attente",
    "511200": "Chèques à encaisser",
    "511500": "Cartes bancaires à encaisser",
    "512000": "Banque",
    "530000": "Caisse",
    "580000": "Virements internes",
    "706000": "Prestations de services",
    "706100": "Mises à disposition d’espaces et de matériel",
    "706200": "Formations",
    "708000": "Produits des activités annexes",
    "756000": "Cotisations",
}

# (usage, key) → number, analytic code.
RULES: dict[tuple[LedgerUse, str], tuple[str, str]] = {
    (LedgerUse.MEMBERS, ""): ("411000", ""),
    (LedgerUse.SALES, ""): ("706000", ""),
    (LedgerUse.SALES, "spaces"): ("706100", "ESPACES"),
    (LedgerUse.SALES, "trainings"): ("706200", "FORMATION"),
    (LedgerUse.SALES, "members"): ("756000", "ADHESION"),
    (LedgerUse.SALES, "purchasing"): ("708000", "ACHATS"),
    (LedgerUse.SALES, "cooperation"): ("708000", "COOPERATION"),
    (LedgerUse.VAT, ""): ("445710", ""),
    (LedgerUse.VAT, "20.00"): ("445711", ""),
    (LedgerUse.VAT, "10.00"): ("445712", ""),
    (LedgerUse.VAT, "5.50"): ("445713", ""),
    (LedgerUse.VAT, "2.10"): ("445714", ""),
    (LedgerUse.PAYMENT, ""): ("512000", ""),
    (LedgerUse.PAYMENT, "cheque"): ("511200", ""),
    (LedgerUse.PAYMENT, "cash"): ("530000", ""),
    (LedgerUse.PAYMENT, "card"): ("511500", ""),
    (LedgerUse.DEPOSIT, ""): ("165000", ""),
    (LedgerUse.ADVANCE, ""): ("419100", ""),
    (LedgerUse.WAITING, ""): ("471000", ""),
}
