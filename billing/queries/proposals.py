"""What a line of the bank may be, each time with its reason; sure ones are accepted together."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.banking import masked
from billing.enums import AsideKind, MatchKind, PaymentMethod
from billing.models import Account, BankLine, Invoice, Match, Payout
from billing.money import ZERO
from billing.queries.candidates import APART, RETURNED, Books, Moved, Part, Proposal, numbers_in, resembles
from billing.queries.proposals_debits import by_batch, by_debit_returned
from hubs import french
from parties.imports.values import plain

RESEMBLES = 0.6
SHOWN = 4
LOOSE_NUMBER = re.compile(r"\bFACT(?:URE)? (?:N |NO |NUM(?:ERO)? )?0*(\d{1,5})\b")
FEES = re.compile(r"\b(FRAIS|COMMISSION|COTISATION (?:CARTE|OFFRE|PACK|COMPTE)|TENUE DE COMPTE|ABONNEMENT)\b")

Proposer = Callable[[BankLine, Books], Iterable[Proposal]]


# --- Each reason ------------------------------------------------------------------------------------


def by_reference(line: BankLine, books: Books) -> Iterator[Proposal]:
    """The invoices that the line cites: the whole line is theirs."""
    if line.amount < 0:
        return
    invoices = [books.named[number] for number in numbers_in(books.texts[line.pk]) if number in books.named]
    if not invoices:
        return
    cited = ", ".join(str(invoice.number) for invoice in invoices)
    key = f"cited:{'-'.join(str(invoice.pk) for invoice in invoices)}"
    dues = sum((invoice.due for invoice in invoices), ZERO)
    if len(invoices) == 1:
        yield _one_invoice(line, books, invoices[0], key=key, reason=_("le libellé cite %s") % cited, is_cited=True)
    elif dues == line.amount:
        parts = tuple(books.part(line, invoice, invoice.due) for invoice in invoices)
        reason = _("le libellé cite %s, et la somme est la bonne") % cited
        yield Proposal(key=key, label=_("Payer %s") % cited, reason=reason, parts=parts, is_sure=True)


def _one_invoice(
    line: BankLine,
    books: Books,
    invoice: Any,
    *,
    key: str,
    reason: str,
    is_cited: bool = False,
    is_sure: bool = False,
) -> Proposal:
    """The line pays this invoice, in part, whole, or more; or it is the payment that was typed by hand."""
    part = books.part(line, invoice, line.amount)
    given = {"number": invoice.number, "account": invoice.account}
    if part.payment is not None:
        day = french.day(part.payment.received_on, weekday=False)
        label = _("C’est le paiement de %(account)s noté le %(day)s") % {"account": invoice.account, "day": day}
        return Proposal(key=key, label=label, reason=reason, parts=(part,), is_sure=is_cited or is_sure)
    if line.amount == invoice.due:
        label = _("Payer %(number)s, %(account)s") % given
    elif line.amount < invoice.due:
        left = french.euros(invoice.due - line.amount)
        words = _("Payer une part de %(number)s, %(account)s\u00a0: il restera %(left)s")
        label = words % (given | {"left": left})
    else:
        over = french.euros(line.amount - invoice.due)
        label = _("Payer %(number)s, %(account)s\u00a0: %(over)s iront au reste du compte") % (given | {"over": over})
    sure = is_sure or (is_cited and line.amount == invoice.due)
    return Proposal(key=key, label=label, reason=reason, parts=(part,), is_sure=sure)


def by_slip(line: BankLine, books: Books) -> Iterator[Proposal]:
    """A slip of cheques of that total, handed in before."""
    found = [
        slip
        for slip in books.slips
        if slip.total == line.amount and slip.bank_account_id == line.bank_account_id and slip.on <= line.on
    ]
    for slip in found:
        payments = [cheque.payment for cheque in slip.cheques.all() if cheque.released_at is None]
        parts = tuple(
            Part(amount=payment.amount, account=payment.account, payment=payment, method=PaymentMethod.CHEQUE)
            for payment in payments
        )
        day = french.day(slip.on, weekday=False)
        given = {"number": slip.number, "n": len(payments), "day": day}
        yield Proposal(
            key=f"slip:{slip.pk}",
            label=ngettext(
                "C’est la remise %(number)s\u00a0: %(n)s chèque",
                "C’est la remise %(number)s\u00a0: %(n)s chèques",
                len(payments),
            )
            % given,
            reason=_("même total, remise du %(day)s") % given,
            parts=parts,
            is_sure=len(found) == 1,
            slip=slip,
        )


def by_payout(line: BankLine, books: Books) -> Iterator[Proposal]:
    """A transfer of HelloAsso of that total, once it is known where each of its payments goes."""
    found = [payout for payout in books.payouts if payout.net == line.amount and payout.on - line.on <= APART]
    for payout in found:
        payments = list(payout.payments.all())
        if not all(payment.is_told for payment in payments):
            continue
        given = {"n": len(payments), "reference": payout.reference, "fees": french.euros(payout.fees)}
        words = ngettext(
            "C’est le versement HelloAsso %(reference)s\u00a0: %(n)s paiement",
            "C’est le versement HelloAsso %(reference)s\u00a0: %(n)s paiements",
            len(payments),
        )
        label = words % given
        yield Proposal(
            key=f"payout:{payout.pk}",
            label=f"{label}, {_('%(fees)s de frais') % given}" if payout.fees else label,
            reason=_("même total que l’export HelloAsso"),
            parts=payout_parts(line, payout, books),
            is_sure=len(found) == 1 and "HELLOASSO" in books.texts[line.pk].replace(" ", ""),
            payout=payout,
        )


def payout_parts(line: BankLine, payout: Payout, books: Books) -> tuple[Part, ...]:
    """Each payment on its account, what is not for the portal, and what was kept on the way."""
    parts = []
    used: set[int] = set()
    for paid in payout.payments.all():
        if paid.account is None:
            parts.append(Part(amount=paid.amount, kind=MatchKind.OTHER, reference=paid.reference))
            continue
        noted = books.noted(paid.account.pk, paid.amount, paid.on)
        noted = None if noted and noted.pk in used else noted
        used |= {noted.pk} if noted else set()
        parts.append(
            Part(
                amount=paid.amount,
                account=paid.account,
                payment=noted,
                method=PaymentMethod.CARD,
                received_on=min(paid.on, line.on),
                reference=f"HelloAsso {paid.reference}"[:80],
            )
        )
    if payout.fees:
        parts.append(Part(amount=-payout.fees, kind=MatchKind.FEE, reference=payout.reference))
    return tuple(parts)


def by_payment(line: BankLine, books: Books) -> Iterator[Proposal]:
    """A payment typed by hand before the statement came."""
    if line.amount < 0:
        return
    text = books.texts[line.pk]
    for payment in books.payments:
        if payment.amount != line.amount or abs(payment.received_on - line.on) > APART:
            continue
        cited = len(plain(payment.reference)) >= 4 and plain(payment.reference).upper() in text
        like = resembles(str(payment.account), text) >= RESEMBLES
        if not cited and not like and payment.method == PaymentMethod.TRANSFER:
            continue
        reason = (
            _("même montant, et le libellé dit «\u00a0%s\u00a0»") % payment.reference
            if cited
            else _("même montant, et un nom qui ressemble")
            if like
            else _("même montant")
        )
        given = {"account": payment.account, "day": french.day(payment.received_on, weekday=False)}
        yield Proposal(
            key=f"payment:{payment.pk}",
            label=_("C’est le paiement de %(account)s noté le %(day)s") % given,
            reason=reason,
            parts=(Part(amount=payment.amount, account=payment.account, payment=payment),),
            is_sure=cited or like,
        )


def by_iban(line: BankLine, books: Books) -> Iterator[Proposal]:
    """An account that this IBAN has paid for before."""
    accounts = books.by_iban.get(line.counterparty_iban, set()) if line.amount > 0 else set()
    for account_id in sorted(accounts):
        reason = _("cet IBAN a déjà payé pour ce compte")
        is_sure = len(accounts) == 1
        yield from _on_account(line, books, account_id, key="iban", reason=reason, is_sure=is_sure, or_else=True)


def by_name(line: BankLine, books: Books) -> Iterator[Proposal]:
    """An account that owes that very sum, and whose name resembles."""
    if line.amount < 0:
        return
    text = books.texts[line.pk]
    scored = [(resembles(str(held[0].account), text), account_id) for account_id, held in books.due_by_account.items()]
    for score, account_id in sorted(scored, key=lambda pair: (-pair[0], pair[1])):
        if score < RESEMBLES:
            break
        reason = _("le nom ressemble, et le montant est dû")
        yield from _on_account(line, books, account_id, key="name", reason=reason)


def _on_account(
    line: BankLine,
    books: Books,
    account_id: int,
    *,
    key: str,
    reason: str,
    is_sure: bool = False,
    or_else: bool = False,
) -> Iterator[Proposal]:
    """An invoice of that sum, or all that the account owes; `or_else` whatever the sum."""
    held = books.due_by_account.get(account_id, [])
    exact = [invoice for invoice in held if invoice.due == line.amount]
    if exact:
        for invoice in exact[:2]:
            sure = is_sure and len(exact) == 1
            yield _one_invoice(line, books, invoice, key=f"{key}:{invoice.pk}", reason=reason, is_sure=sure)
        return
    account = books.accounts[account_id]
    owed = sum((invoice.due for invoice in held), ZERO)
    if held and owed == line.amount:
        label = _("Payer tout ce que doit %s") % account
    elif or_else:
        label, is_sure = _("Porter au compte de %s") % account, False
    else:
        return
    noted = books.noted(account_id, line.amount, line.on)
    part = Part(amount=line.amount, account=account, payment=noted)
    yield Proposal(key=f"{key}:a{account_id}", label=label, reason=reason, parts=(part,), is_sure=is_sure)


def by_rank(line: BankLine, books: Books) -> Iterator[Proposal]:
    """« facture 42 », without its year: an invoice of that rank and that sum."""
    ranks = {int(rank) for rank in LOOSE_NUMBER.findall(books.texts[line.pk])}
    for invoice in books.due if ranks and line.amount > 0 else ():
        if invoice.sequence in ranks and invoice.due == line.amount:
            reason = _("le libellé dit «\u00a0facture %s\u00a0», et le montant est le bon") % invoice.sequence
            yield _one_invoice(line, books, invoice, key=f"rank:{invoice.pk}", reason=reason)


def by_amount(line: BankLine, books: Books) -> Iterator[Proposal]:
    """One invoice alone is of that sum."""
    exact = [invoice for invoice in books.due if invoice.due == line.amount]
    if len(exact) == 1:
        reason = _("c’est la seule facture de ce montant")
        yield _one_invoice(line, books, exact[0], key=f"amount:{exact[0].pk}", reason=reason)


def by_move(line: BankLine, books: Books) -> Iterator[Proposal]:
    """A refund, or the money of a deposit, noted before the statement came."""
    near = [each for each in books.moved if abs(each.on - line.on) <= APART]
    for each in near:
        if each.amount == line.amount:
            is_sure, reason = _why_moved(line, books, each)
            label = _words_of_move(each) % {"account": each.account, "day": french.day(each.on, weekday=False)}
            key = f"moved:{each.part.kind}:{each.part.noted.pk}" if each.part.noted else ""
            yield Proposal(key=key, label=label, reason=reason, parts=(each.part,), is_sure=is_sure)
    for account in {each.account.pk: each.account for each in near}.values():
        given = [each for each in near if each.account == account and each.amount < 0]
        if len(given) > 1 and sum((each.amount for each in given), ZERO) == line.amount:
            like = resembles(str(account), books.texts[line.pk]) >= RESEMBLES
            yield Proposal(
                key=f"moves:{account.pk}",
                label=_("C’est tout ce qui a été rendu à %(account)s : %(n)s versements")
                % {"account": account, "n": len(given)},
                reason=_("la somme est la bonne, et le nom ressemble") if like else _("la somme est la bonne"),
                parts=tuple(each.part for each in given),
                is_sure=like,
            )


def _words_of_move(each: Moved) -> str:
    if each.part.refund is not None:
        return _("C’est le remboursement de %(account)s noté le %(day)s")
    if each.amount < 0:
        return _("C’est le dépôt rendu à %(account)s, noté le %(day)s")
    return _("C’est le dépôt de %(account)s, noté le %(day)s")


def _why_moved(line: BankLine, books: Books, each: Moved) -> tuple[bool, str]:
    """Whether it is sure, and why: what the line cites, then where it went, then whose name it says."""
    text = f" {books.texts[line.pk]} "
    for reference in each.references:
        if len(plain(reference)) >= 4 and f" {plain(reference).upper()} " in text:
            return True, _("même montant, et le libellé dit « %s »") % reference
    if each.paid_to and line.counterparty_iban and masked(line.counterparty_iban) == each.paid_to:
        return True, _("même montant, et l’IBAN qui était noté")
    if resembles(str(each.account), text) >= RESEMBLES:
        return True, _("même montant, et un nom qui ressemble")
    return False, _("même montant")


def by_return(line: BankLine, books: Books) -> Iterator[Proposal]:
    """A cheque without funds, a transfer that came back: the payment is undone by the bank itself."""
    for match in books.returnable:
        payment = match.payment
        if payment is None or match.amount != -line.amount or not dt.timedelta(0) <= line.on - match.line.on <= APART:
            continue
        given = {"account": payment.account, "day": french.day(payment.received_on, weekday=False)}
        if RETURNED.search(books.texts[line.pk]) or resembles(str(payment.account), books.texts[line.pk]) >= RESEMBLES:
            yield Proposal(
                key=f"return:{payment.pk}",
                label=_("Le paiement de %(account)s du %(day)s est rejeté\u00a0: sa facture redevient due") % given,
                reason=_("même montant, repris par la banque"),
                parts=(Part(amount=line.amount, account=payment.account, payment=payment, kind=MatchKind.RETURN),),
            )


def by_habit(line: BankLine, books: Books) -> Iterator[Proposal]:
    """What was set aside before under the same words; what the bank takes for itself."""
    last = books.habits.get(plain(line.label))
    if last is not None:
        kind = AsideKind(last.aside)
        reason = _("comme la même ligne du %s") % french.day(last.on, weekday=False)
    elif line.amount < 0 and FEES.search(books.texts[line.pk]):
        kind, reason = AsideKind.BANK_FEES, _("le libellé parle de frais")
    else:
        return
    label = _("Mettre de côté\u00a0: %s") % kind.label
    yield Proposal(key=f"aside:{kind}", label=label, reason=reason, aside=kind)


PROPOSERS: list[Proposer] = [
    by_reference, by_slip, by_payout, by_batch, by_payment, by_iban, by_rank, by_name, by_amount, by_move,
    by_debit_returned, by_return, by_habit,
]  # fmt: skip


def proposals_for(line: BankLine, books: Books) -> list[Proposal]:
    """The best first, each effect once. Two that are sure and differ are sure no more."""
    found: dict[tuple[Any, ...], Proposal] = {}
    for proposer in PROPOSERS:
        for proposal in proposer(line, books):
            found.setdefault(proposal.effect, proposal)
    told = list(found.values())
    if sum(proposal.is_sure for proposal in told) > 1:
        # What cites an invoice outweighs what resembles.
        first = next(proposal for proposal in told if proposal.is_sure)
        cites = first.key.startswith("cited:")
        told = [replace(each, is_sure=cites and each is first) for each in told]
    return sorted(told, key=lambda proposal: not proposal.is_sure)[:SHOWN]


@dataclass
class Proposed:
    """A line with what it may be."""

    line: BankLine
    proposals: list[Proposal] = field(default_factory=list)


def proposed(lines: Sequence[BankLine]) -> list[Proposed]:
    """The lines of a page; the number of queries does not grow with them."""
    books = Books(lines)
    return [Proposed(line, proposals_for(line, books)) for line in lines]


def find_accounts(text: str) -> list[Account]:
    """Accounts by name or by an invoice's number, for a line that nothing explains; ten at most."""
    if not plain(text):
        return []
    numbers = numbers_in(plain(text).upper())
    cited = (
        set(Invoice.objects.issued().filter(number__in=numbers).values_list("account", flat=True)) if numbers else set()
    )
    held = Account.objects.with_holders().with_balance().by_name()
    wanted = plain(text)
    return [account for account in held if account.pk in cited or wanted in plain(str(account))][:10]


def split_targets() -> list[tuple[str, list[tuple[str, str]]]]:
    """What a part of a line may pay: each account, then its invoices that are due."""
    books = Books([])
    accounts = Account.objects.with_holders().by_name()
    return [
        (
            str(account),
            [
                (f"a{account.pk}", _("%s, le plus ancien dû") % account),
                *(
                    (
                        f"i{invoice.pk}",
                        _("%(account)s, %(number)s\u00a0: reste %(due)s")
                        % {"account": account, "number": invoice.number, "due": french.euros(invoice.due)},
                    )
                    for invoice in books.due_by_account.get(account.pk, ())
                ),
            ],
        )
        for account in accounts
    ]


def matched_parts(line: BankLine) -> list[Match]:
    """What a matched line was found to be."""
    return list(
        Match.objects.live()
        .filter(line=line)
        .select_related(
            "payment__account__organisation",
            "payment__account__person",
            "refund__account__organisation",
            "refund__account__person",
            "move__deposit__account__organisation",
            "move__deposit__account__person",
            "slip",
            "payout",
        )
        .order_by("pk")
    )
