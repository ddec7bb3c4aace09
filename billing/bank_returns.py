"""What a bank says it could not collect: pain.002, and the returns of camt.053 and camt.054, any version."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from hubs.refusals import Refusal

MAX_BYTES = 4 * 1024 * 1024
MAX_LINES = 5_000

# The usual codes of ISO 20022 (ExternalReturnReason1Code), as one says them to a member.
REASONS = {
    "AC01": gettext_lazy("numéro de compte faux"),
    "AC04": gettext_lazy("compte clos"),
    "AC06": gettext_lazy("compte bloqué"),
    "AC13": gettext_lazy("compte de consommateur, refusé pour ce type de prélèvement"),
    "AG01": gettext_lazy("prélèvement interdit sur ce compte"),
    "AG02": gettext_lazy("code d’opération faux"),
    "AM01": gettext_lazy("montant nul"),
    "AM02": gettext_lazy("montant trop élevé"),
    "AM04": gettext_lazy("provision insuffisante"),
    "AM05": gettext_lazy("prélèvement en double"),
    "AM09": gettext_lazy("montant faux"),
    "BE05": gettext_lazy("créancier inconnu de la banque"),
    "CNOR": gettext_lazy("banque du créancier inconnue"),
    "DNOR": gettext_lazy("banque du débiteur inconnue"),
    "FF01": gettext_lazy("fichier mal formé"),
    "MD01": gettext_lazy("aucun mandat valable"),
    "MD02": gettext_lazy("mandat incomplet ou faux"),
    "MD06": gettext_lazy("remboursement demandé par le débiteur"),
    "MD07": gettext_lazy("débiteur décédé"),
    "MS02": gettext_lazy("refus du débiteur"),
    "MS03": gettext_lazy("raison non précisée par la banque"),
    "RC01": gettext_lazy("BIC faux"),
    "RR04": gettext_lazy("raison réglementaire"),
    "SL01": gettext_lazy("refus du débiteur, convenu avec sa banque"),
}

# After these the next debit would fail too, or be contested: the mandate waits for a word with its holder.
SUSPENDING = frozenset({"AC01", "AC04", "AG01", "MD01", "MD02", "MD06", "MD07", "SL01"})


class NotABankFile(Refusal):
    message = gettext_lazy("Ce fichier n’est ni un pain.002, ni un camt.053 ou camt.054. Demandez-le à votre banque.")
    field = "file"


class FileTooBig(Refusal):
    message = gettext_lazy("Ce fichier dépasse 4\u00a0Mo. Déposez-le en plusieurs parties, par exemple mois par mois.")
    field = "file"


class NothingReturned(Refusal):
    message = gettext_lazy("Ce fichier ne parle d’aucun prélèvement rejeté ou retourné.")
    field = "file"


@dataclass(frozen=True)
class ReturnLine:
    """One debit that the bank refused or took back. Without `end_to_end`, the whole message is refused."""

    end_to_end: str
    code: str
    # The amount is told in several places: that of the debit is among them.
    amounts: frozenset[Decimal] = frozenset()
    currency: str = ""
    message_id: str = ""
    rum: str = ""
    words: str = ""


def reason_of(code: str) -> str:
    """« provision insuffisante »; a code nobody knows is told as it is."""
    return str(REASONS.get(code, _("code %s de la banque") % (code or _("inconnu"))))


def read(content: bytes) -> list[ReturnLine]:
    """The refusals and returns that the file tells of. Raises FileTooBig, NotABankFile, NothingReturned."""
    root = _root(content)
    kind = etree.QName(root).namespace or ""
    if ":pain.002." in kind:
        lines = list(_of_status_report(root))
    elif ":camt.053." in kind or ":camt.054." in kind:
        lines = list(_of_statement(root))
    else:
        raise NotABankFile
    if not lines:
        raise NothingReturned
    if len(lines) > MAX_LINES:
        raise FileTooBig
    return lines


def _root(content: bytes) -> etree._Element:
    """The tree of a file that comes from outside: nothing in it is resolved, fetched or expanded."""
    if len(content) > MAX_BYTES:
        raise FileTooBig
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotABankFile from error
    if root.getroottree().docinfo.doctype:
        raise NotABankFile
    return root


def _all(node: etree._Element, *path: str) -> list[etree._Element]:
    """Those below, by their local names: versions differ by their namespace alone."""
    found = [node]
    for name in path:
        found = [child for each in found for child in each.iterchildren(f"{{*}}{name}")]
    return found


def _text(node: etree._Element, *path: str) -> str:
    found = _all(node, *path)
    return (found[0].text or "").strip()[:140] if found else ""


def _amounts(*nodes: etree._Element) -> tuple[frozenset[Decimal], str]:
    amounts, currency = set(), ""
    for node in nodes:
        try:
            amounts.add(Decimal((node.text or "").strip()))
        except InvalidOperation:
            continue
        currency = currency or node.get("Ccy", "")
    return frozenset(amounts), currency


def _of_status_report(root: etree._Element) -> Iterator[ReturnLine]:
    """Transactions refused one by one; else a group that is refused whole."""
    for report in _all(root, "CstmrPmtStsRpt"):
        message_id = _text(report, "OrgnlGrpInfAndSts", "OrgnlMsgId")
        told = False
        for group in _all(report, "OrgnlPmtInfAndSts"):
            for each in _all(group, "TxInfAndSts"):
                told = True
                if _text(each, "TxSts") == "RJCT":
                    yield _of_transaction(each, message_id, group)
        for whole in () if told else (*_all(report, "OrgnlPmtInfAndSts"), *_all(report, "OrgnlGrpInfAndSts")):
            if "RJCT" in (_text(whole, "PmtInfSts"), _text(whole, "GrpSts")):
                yield ReturnLine("", _code(whole, "StsRsnInf"), message_id=message_id, words=_said(whole, "StsRsnInf"))
                break


def _of_transaction(each: etree._Element, message_id: str, group: etree._Element) -> ReturnLine:
    amounts, currency = _amounts(
        *_all(each, "OrgnlTxRef", "Amt", "InstdAmt"), *_all(each, "OrgnlTxRef", "IntrBkSttlmAmt")
    )
    return ReturnLine(
        end_to_end=_text(each, "OrgnlEndToEndId"),
        code=_code(each, "StsRsnInf") or _code(group, "StsRsnInf"),
        amounts=amounts,
        currency=currency,
        message_id=message_id,
        rum=_text(each, "OrgnlTxRef", "MndtRltdInf", "MndtId"),
        words=_said(each, "StsRsnInf"),
    )


def _of_statement(root: etree._Element) -> Iterator[ReturnLine]:
    """Entries that carry the reason of a return; the others are for the bank statement."""
    for statement in (*_all(root, "BkToCstmrStmt", "Stmt"), *_all(root, "BkToCstmrDbtCdtNtfctn", "Ntfctn")):
        for entry in _all(statement, "Ntry"):
            transactions = _all(entry, "NtryDtls", "TxDtls")
            for each in transactions:
                if not _all(each, "RtrInf"):
                    continue
                told = [
                    *_all(each, "Amt"),
                    *_all(each, "AmtDtls", "InstdAmt", "Amt"),
                    *_all(each, "AmtDtls", "TxAmt", "Amt"),
                ]
                amounts, currency = _amounts(*(told or (_all(entry, "Amt") if len(transactions) == 1 else [])))
                yield ReturnLine(
                    end_to_end=_text(each, "Refs", "EndToEndId"),
                    code=_code(each, "RtrInf"),
                    amounts=amounts,
                    currency=currency,
                    message_id=_text(each, "Refs", "MsgId"),
                    rum=_text(each, "Refs", "MndtId"),
                    words=_said(each, "RtrInf"),
                )


def _code(node: etree._Element, name: str) -> str:
    return (_text(node, name, "Rsn", "Cd") or _text(node, name, "Rsn", "Prtry"))[:4].upper()


def _said(node: etree._Element, name: str) -> str:
    return _text(node, name, "AddtlInf")
