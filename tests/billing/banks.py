"""What a bank would send: status reports and returns, as small as the real ones allow."""

import datetime as dt
from decimal import Decimal

from billing.enums import DebitState
from billing.models import BankReturn, Debit, DebitBatch, Invoice, Mandate
from documents.actions import store_file

ICS = "FR72ZZZ123456"
IBAN = "FR7630006000011234567890189"
OTHER_IBAN = "FR1420041010050500013M02606"


def pain002(*refused: tuple[str, str, str | Decimal], message_id: str = "", whole: str = "") -> bytes:
    """A status report: (reference, code, amount) each refused; or the whole message, by a code."""
    lines = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>'
        for reference, code, amount in refused
    )
    group = f"<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>{whole}</Cd></Rsn></StsRsnInf>" if whole else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId>{group}</OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts>{lines}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def camt054(
    *returned: tuple[str, str, str | Decimal], on: dt.date = dt.date(2026, 12, 20), currency: str = "EUR"
) -> bytes:
    """A notification of debits given back, among an entry that is no return."""
    entries = "".join(
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><Dt>{on}</Dt></BookgDt>'
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>"
        f'<Amt Ccy="{currency}">{amount}</Amt><RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>'
        for reference, code, amount in returned
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><Ntfctn>'
        f'<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>{entries}'
        "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def debit_of(mandate: Mandate, invoice: Invoice) -> tuple[Debit, DebitBatch, BankReturn]:
    """A debit of 24 November 2026 in its file, and a file that came back."""
    stored = store_file(name="a.xml", content_type="application/xml", content=b"<a/>")
    batch = DebitBatch.objects.create(
        issuer=mandate.issuer,
        collect_on=dt.date(2026, 11, 24),
        message_id="M1",
        file=stored,
        total=invoice.total_incl,
        count=1,
        created_by="x",
    )
    debit = Debit.objects.create(
        invoice=invoice,
        mandate=mandate,
        amount=invoice.total_incl,
        collect_on=batch.collect_on,
        announced_on=dt.date(2026, 11, 1),
        state=DebitState.IN_FILE,
        batch=batch,
        end_to_end=invoice.number,
    )
    content = pain002((invoice.number, "AM04", invoice.total_incl))
    returned = store_file(name="sud.xml", content_type="application/xml", content=content)
    return debit, batch, BankReturn.objects.create(file=returned, name="sud.xml", dropped_by="x")
