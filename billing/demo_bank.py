"""The bank of the demo's hubs: a statement mostly matched, cheques in hand, a transfer of HelloAsso to come."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from billing.actions import (
    accept_proposal,
    import_payouts,
    import_statement,
    make_slip,
    open_bank_account,
    record_payment,
    set_aside,
)
from billing.enums import AsideKind, PaymentMethod
from billing.models import BankLine, Invoice, Issuer, Payment
from billing.queries import proposed
from hubs.actors import Actor


def settle_bank(by: Actor, today: dt.date) -> None:
    """A statement of the last weeks: what was typed by hand is found in it, the rest waits to be told."""
    issuer = Issuer.objects.live(today).first()
    paid = list(
        Payment.objects.kept().select_related("account__organisation", "account__person").order_by("received_on", "pk")
    )
    if issuer is None or not issuer.iban or not paid:
        return
    bank_account = open_bank_account(issuer=issuer, label="Compte courant", iban=issuer.iban, by=by)
    now = timezone.now()
    cheques = _cheques(paid, by, today)
    slip = make_slip(
        bank_account=bank_account, cheques=[each.pk for each in cheques[:2]], on=today - dt.timedelta(days=5), by=by,
        today=today, now=now,
    )  # fmt: skip
    due = list(
        Invoice.objects.issued()
        .with_due()
        .filter(due__gt=0)
        .select_related("account__organisation", "account__person")
        .order_by("pk")
    )
    rows = [(each.received_on, f"VIR SEPA {each.account} {each.reference}", each.amount) for each in paid]
    # The first says its invoice, the next ones their name alone; the last is paid through HelloAsso.
    rows += [
        (today - dt.timedelta(days=4), f"VIR SEPA {each.account}{'' if rank else f' {each.number}'}", each.due)
        for rank, each in enumerate(due[:-1][:3])
    ]
    rows += [
        (today - dt.timedelta(days=20), "LOYER BAILLEUR VILLE", Decimal("-900.00")),
        (today - dt.timedelta(days=3), "FRAIS TENUE DE COMPTE", Decimal("-8.50")),
        (today - dt.timedelta(days=3), f"VIR INST {paid[0].account}", Decimal("45.00")),
        (today - dt.timedelta(days=2), "REMISE CHEQUES", slip.total),
    ]
    import_statement(bank_account=bank_account, name="releve.csv", content=_csv(rows), by=by, now=now)
    _match_most(by, today, now)
    if due:
        import_payouts(name="helloasso.csv", content=_helloasso(due[-1], today), by=by, now=now)


def _cheques(paid: list[Payment], by: Actor, today: dt.date) -> list[Payment]:
    """Three cheques in advance, two of which are on their way to the bank."""
    return [
        record_payment(
            account=each.account, received_on=today - dt.timedelta(days=6), amount=Decimal(30 + 15 * rank),
            method=PaymentMethod.CHEQUE, reference=f"n° {4_021_337 + rank}", by=by, today=today,
        )
        for rank, each in enumerate(paid[:3])
    ]  # fmt: skip


def _csv(rows: list[tuple[dt.date, str, Decimal]]) -> bytes:
    lines = [
        f"{on:%d/%m/%Y};{label.replace(';', ' ')};{f'{amount}'.replace('.', ',')}" for on, label, amount in sorted(rows)
    ]
    return "\n".join(["Date;Libellé;Montant", *lines]).encode()


def _match_most(by: Actor, today: dt.date, now: dt.datetime) -> None:
    """All but the last days: what was typed by hand is found again, the rent is set aside."""
    old = list(BankLine.objects.waiting().filter(on__lt=today - dt.timedelta(days=8)).oldest_first())
    for told in proposed(old):
        sure = next((each for each in told.proposals if each.is_sure), None)
        if sure is not None:
            accept_proposal(line=told.line, key=sure.key, by=by, today=today, now=now)
        elif told.line.amount < 0:
            set_aside(line=told.line, aside=AsideKind.PURCHASE, note="loyer au bailleur", by=by)


def _helloasso(invoice: Invoice, today: dt.date) -> bytes:
    on, paid_out = today - dt.timedelta(days=12), today - dt.timedelta(days=1)
    header = "Référence paiement;Date du paiement;Statut;Montant;Frais;Nom payeur;Prénom payeur;Raison sociale;Email payeur;Campagne;Numéro de versement;Date du versement"
    rows = [
        f"90117;{on:%d/%m/%Y};Validé;{f'{invoice.total_incl}'.replace('.', ',')};0,00;;;{invoice.account};;Salle, {invoice.number};V-2041;{paid_out:%d/%m/%Y}",
        f"90121;{on:%d/%m/%Y};Validé;25,00;0,00;Marchand;Lila;;lila.marchand@courriel.example;Don à l’association;V-2041;{paid_out:%d/%m/%Y}",
    ]
    return "\n".join([header, *rows]).encode()
