"""Statements as banks give them, of invented people."""

import datetime as dt
from collections.abc import Sequence

from tests.billing.banks import IBAN

# Crédit coopératif: a preamble, semicolons, Latin-1, debit and credit apart.
COOPERATIVE = """Compte courant;FR76 3000 6000 0112 3456 7890 189
Solde au 31/10/2026;1 450,20

Date opération;Date de valeur;Libellé;Débit (euros);Crédit (euros)
05/10/2026;05/10/2026;VIR COMPAGNIE DES DÉFERLANTES FA 2026 1;;120,00
12/10/2026;12/10/2026;FRAIS TENUE DE COMPTE;-8,50;
20/10/2026;20/10/2026;REMISE CHEQUES 0001;;1 338,70
Total;;;-8,50;1 458,70
"""

# La Banque postale: tabs, UTF-16, one signed column, newest first, no heading that says what it is.
POSTAL = """Numéro Compte :\t1234567A020
Type :\tCCP

Date\tLibellé\tMontant (EUROS)
20/10/2026\tVIREMENT DE LES TISSERANDES\t84,00
05/10/2026\tPRELEVEMENT ASSURANCE\t-42,00
"""

# Crédit mutuel: commas, quotes, a BOM, a running balance.
MUTUEL = """Date,Valeur,Libellé,Débit,Crédit,Solde
"05/10/2026","05/10/2026","VIR SEPA DUPONT",,"100,00","1 100,00"
"06/10/2026","06/10/2026","COTIS CARTE","-12,50",,"1 087,50"
"07/10/2026","07/10/2026","VIR SEPA MARTIN",,"20,00","1 107,50"
"""


def camt(
    entries: Sequence[str] = (),
    *,
    opening: str = "1000.00",
    closing: str = "1120.00",
    version: str = "02",
    iban: str = IBAN,
    currency: str = "EUR",
) -> bytes:
    entries = entries or [entry("120.00", label="FA-2026-00001")]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
<GrpHdr><MsgId>1</MsgId></GrpHdr>
<Stmt><Id>1</Id><CreDtTm>2026-10-31T20:00:00</CreDtTm>
<FrToDt><FrDtTm>2026-10-01T00:00:00</FrDtTm><ToDtTm>2026-10-31T23:59:59</ToDtTm></FrToDt>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{opening}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-10-01</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-10-31</Dt></Dt></Bal>
{"".join(entries)}
</Stmt></BkToCstmrStmt></Document>""".encode()


def entry(
    amount: str,
    *,
    label: str = "",
    on: str = "2026-10-06",
    name: str = "Les Tisserandes",
    iban: str = "FR1420041010050500013M02606",
    end_to_end: str = "NOTPROVIDED",
    reference: str = "",
    status: str = "<Sts>BOOK</Sts>",
    party: str = "<Nm>{name}</Nm>",
) -> str:
    side, sign = ("Cdtr", "DBIT") if amount.startswith("-") else ("Dbtr", "CRDT")
    return f"""<Ntry><Amt Ccy="EUR">{amount.removeprefix("-")}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{status}
<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><RltdPties><{side}>{party.format(name=name)}</{side}>
<{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct></RltdPties><RmtInf><Ustrd>{label}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def table(*rows: tuple[str, str, str]) -> bytes:
    """A plain CSV of (day, label, amount)."""
    return "\n".join(["Date;Libellé;Montant", *(";".join(row) for row in rows)]).encode()


def cfonb_record(kind: str, day: dt.date, amount: int, label: str = "", *, currency: str = "EUR") -> str:
    """A record of CFONB 120; `amount` in cents."""
    text = f"{abs(amount):014d}"
    last = ("{ABCDEFGHI" if amount >= 0 else "}JKLMNOPQR")[int(text[-1])]
    return f"{kind}30006    00001{currency}2 12345678901  {day:%d%m%y}  {day:%d%m%y}{label:31.31}  0000001  {text[:-1]}{last}{'REF':16}"


CFONB = "\r\n".join(
    [
        cfonb_record("01", dt.date(2026, 9, 30), 100_000),
        cfonb_record("04", dt.date(2026, 10, 6), 12_000, "VIR LES TISSERANDES"),
        f"0530006    00001EUR2 12345678901  061026     LCC{'FACTURE FA-2026-00001':70}  ",
        cfonb_record("04", dt.date(2026, 10, 7), -850, "FRAIS"),
        cfonb_record("07", dt.date(2026, 10, 31), 111_150),
    ]
).encode("latin-1")

OFX = b"""OFXHEADER:100
DATA:OFXSGML
VERSION:102
ENCODING:USASCII
CHARSET:1252

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>30006<BRANCHID>00001<ACCTID>12345678901<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261001<DTEND>20261031
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261006<TRNAMT>+120,00<FITID>A1<NAME>VIR LES TISSERANDES<MEMO>FA-2026-00001</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261007120000<TRNAMT>-8.50<FITID>A2<NAME>FRAIS &amp; COMMISSIONS</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>1111.50<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""

HELLOASSO = """Référence paiement;Date du paiement;Statut du paiement;Montant;Frais;Nom payeur;Prénom payeur;Raison sociale;Email payeur;Campagne;Numéro de versement;Date du versement
9001;03/10/2026;Validé;120,00;2,00;Roux;Inès;Les Tisserandes;contact@tisserandes.example;Location de salle;V-77;31/10/2026
9002;04/10/2026;Validé;30,00;0,50;Petit;Jean;;jean@inconnu.example;Don;V-77;31/10/2026
9003;05/10/2026;Remboursé;15,00;0,00;Petit;Anne;;anne@inconnu.example;Don;;
"""
