"""What the books hold about a person: kept ten years, whoever asks (C. com. L123-22; RGPD, art. 17-3-b)."""

import datetime as dt

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from billing import personal_bank
from billing.models import (
    Account,
    Arrangement,
    Charge,
    DeclaredAid,
    Deposit,
    DepositMove,
    Dispute,
    HeldBack,
    Invoice,
    InvoiceLine,
    JournalLine,
    Mandate,
    MinimisCertificate,
    Payment,
    PayoutPayment,
    Quote,
    RecurringCharge,
    RecurringSkip,
    Refund,
    Reminder,
    ReminderException,
    Schedule,
)
from billing.money import ZERO
from billing.papers_deposits import REQUEST, STATEMENT, words_of
from documents.queries import documents_of
from hubs.french import euros
from hubs.personal import Copy, Fate, Hindrance, Keeping, Section, Subject


def _account(subject: Subject) -> Account | None:
    return Account.objects.with_balance().filter(person=subject.person_id).first()


def personal_data(subject: Subject) -> list[Section]:
    account = _account(subject)
    told = (_charges, _recurring, _invoices, _payments, _refunds, _deposits, _entries)
    own = [tell(account) for tell in told] if account is not None else []
    return [
        *own,
        _quotes(subject),
        _named_lines(subject),
        *_bank(subject, account),
        _mandates(subject),
        _minimis(subject),
        *_chasing(subject),
    ]


def _bank(subject: Subject, account: Account | None) -> list[Section]:
    receipts, papers = personal_bank.receipt_rows(account)
    return [
        _kept(
            "lignes_de_banque",
            _("Lignes de banque qui ont payé son compte, ou qui disent son nom"),
            personal_bank.bank_header(),
            personal_bank.bank_rows(subject, account),
        ),
        _kept(
            "helloasso",
            _("Paiements par HelloAsso"),
            personal_bank.payout_header(),
            personal_bank.payout_rows(subject, account),
        ),
        _kept("recus", _("Reçus"), personal_bank.receipt_header(), receipts, papers),
    ]


def _named_lines(subject: Subject) -> Section:
    """Lines on a structure's account that say who had booked: they are its proof of what it pays."""
    charges = Charge.objects.filter(detail__icontains=subject.name).exclude(account__person=subject.person_id)
    header = [_("Date"), _("Quoi"), _("Précision"), _("Compte")]
    rows = [
        [charge.on, charge.description, charge.detail, str(charge.account)]
        for charge in charges.select_related("account__organisation", "account__person").order_by("-on", "-pk")
    ]
    return _kept(
        "lignes_qui_le_disent", _("Lignes de comptes et de factures qui disent qui avait réservé"), header, rows
    )


def _kept(
    key: str, title: str, header: list[str], rows: list[list[object]], files: list[Copy] | None = None
) -> Section:
    return Section(
        key=key,
        title=title,
        purpose=_("Facturer ce qui est pris, et tenir les comptes du pôle."),
        ground=_("Le contrat, puis l’obligation de tenir des comptes (RGPD, art. 6-1-b et c)."),
        kept=_("Dix ans après la fin de l’exercice (C. com. L123-22)."),
        fate=Fate.KEPT,
        afterwards=_("Rien ne change\u00a0: les comptes gardent les noms dix ans."),
        header=header,
        rows=rows,
        files=files or [],
        rank=60,
    )


def _charges(account: Account) -> Section:
    charges = Charge.objects.filter(account=account).order_by("-on", "-pk")
    header = [_("Date"), _("Quoi"), _("Précision"), _("Montant HT (€)")]
    return _kept(
        "mouvements",
        _("Mouvements de son compte"),
        header,
        [[charge.on, charge.description, charge.detail, charge.amount_excl] for charge in charges],
    )


def _recurring(account: Account) -> Section:
    recurring = RecurringCharge.objects.filter(account=account).order_by("-starts_on", "-pk")
    skips = RecurringSkip.objects.filter(recurring__account=account).order_by("-period_starts_on", "-pk")
    held = HeldBack.objects.filter(account=account).order_by("-month", "-pk")
    header = [_("Depuis"), _("Quoi"), _("Référence"), _("Dernier jour ou motif")]
    return _kept(
        "sommes_regulieres",
        _("Sommes régulières, périodes non facturées, factures mises en attente"),
        header,
        [
            *([each.starts_on, each.label, each.reference, each.last_day] for each in recurring),
            *([each.period_starts_on, _("Période non facturée"), "", each.reason] for each in skips),
            *([each.month, _("Facture mise en attente"), "", each.reason] for each in held),
        ],
    )


def _invoices(account: Account) -> Section:
    invoices = list(Invoice.objects.issued().filter(account=account).in_order())
    papers = documents_of(invoices, "invoice")
    header = [_("Numéro"), _("Date"), _("Acheteur"), _("Total TTC (€)")]
    return _kept(
        "factures",
        _("Factures et avoirs"),
        header,
        [
            [invoice.number, invoice.issue_date, (invoice.buyer or {}).get("name", ""), invoice.total_incl]
            for invoice in invoices
        ],
        [Copy(papers[each.pk].file.name, papers[each.pk].file.key) for each in invoices if each.pk in papers],
    )


def _quotes(subject: Subject) -> Section:
    """Those for the person, and those of a structure that the person answered."""
    concerned = Q(account__person=subject.person_id) | Q(decided_by__icontains=subject.name)
    quotes = list(Quote.objects.filter(concerned).select_related("account__organisation", "account__person").in_order())
    papers = documents_of(quotes, "quote")
    header = [_("Numéro"), _("Date"), _("Objet"), _("Compte"), _("Total TTC (€)"), _("Réponse"), _("Répondu par")]
    return _kept(
        "devis",
        _("Devis"),
        header,
        [
            [
                each.number, each.sent_on, each.title, str(each.account), each.total_incl,
                each.get_decision_display(), each.decided_by,
            ]
            for each in quotes
        ],
        [Copy(papers[each.pk].file.name, papers[each.pk].file.key) for each in quotes if each.pk in papers],
    )  # fmt: skip


def _payments(account: Account) -> Section:
    payments = Payment.objects.filter(account=account).order_by("-received_on", "-pk")
    header = [_("Reçu le"), _("Moyen"), _("Référence"), _("Montant (€)")]
    return _kept(
        "paiements",
        _("Paiements"),
        header,
        [[each.received_on, each.get_method_display(), each.reference, each.amount] for each in payments],
    )


def _entries(account: Account) -> Section:
    lines = JournalLine.objects.filter(account=account).select_related("entry").order_by("-entry__on", "-pk")
    header = [_("Date"), _("Écriture"), _("Libellé"), _("Débit (€)"), _("Crédit (€)")]
    return _kept(
        "ecritures",
        _("Écritures comptables de son compte"),
        header,
        [[line.entry.on, str(line.entry), line.label, line.debit, line.credit] for line in lines],
    )


def _refunds(account: Account) -> Section:
    refunds = Refund.objects.filter(account=account).order_by("-paid_on", "-pk")
    header = [_("Versé le"), _("Moyen"), _("Référence"), _("Versé sur"), _("Motif"), _("Montant (€)")]
    return _kept(
        "remboursements",
        _("Remboursements"),
        header,
        [
            [each.paid_on, each.get_method_display(), each.reference, each.paid_to, each.reason, each.amount]
            for each in refunds
        ],
    )


def _deposits(account: Account) -> Section:
    moves = DepositMove.objects.filter(deposit__account=account).select_related("deposit").order_by("-on", "-pk")
    deposits = list(Deposit.objects.filter(account=account).order_by("-asked_on", "-pk"))
    papers = [documents_of(deposits, kind) for kind in (REQUEST, STATEMENT)]
    header = [_("Date"), _("Dépôt"), _("Quoi"), _("Montant (€)")]
    rows: list[list[object]] = [[move.on, move.deposit.label, words_of(move), move.signed] for move in moves]
    return _kept(
        "depots",
        _("Dépôts de garantie et cautions"),
        header,
        rows + [[each.asked_on, each.label, _("Demandé"), each.amount] for each in deposits],
        [Copy(paper.file.name, paper.file.key) for kind in papers for paper in kind.values()],
    )


def _minimis(subject: Subject) -> Section:
    """Certificates of the person's own account, and the aids on it or that they declared for a structure."""
    certificates = list(
        MinimisCertificate.objects.filter(account__person=subject.person_id).order_by("-year", "-version")
    )
    papers = documents_of(certificates, "minimis")
    concerned = Q(account__person=subject.person_id) | Q(said_by__icontains=subject.name)
    declared = DeclaredAid.objects.filter(concerned).select_related("account__organisation", "account__person")
    header = [_("Date"), _("Quoi"), _("Compte"), _("Déclarée par"), _("Montant (€)")]
    return _kept(
        "aides_de_minimis",
        _("Attestations de minimis, et aides reçues ailleurs"),
        header,
        [
            *([each.issue_date, each.number, subject.name, "", each.amount] for each in certificates),
            *(
                [each.granted_on, each.grantor, str(each.account), each.said_by, each.amount]
                for each in declared.order_by("-granted_on", "-pk")
            ),
        ],
        [Copy(each.file.name, each.file.key) for each in papers.values()],
    )


def hindrances(subject: Subject, today: dt.date) -> list[Hindrance]:
    """Money between the person and the hub: what is owed or held, either way, what is not invoiced yet, and what comes back."""
    account = _account(subject)
    if account is None:
        return []
    url = reverse("billing:account", args=[account.pk])
    found = []
    if account.balance > 0:
        found.append(Hindrance(_("Son compte doit encore %s.") % euros(account.balance), url))
    if account.balance < 0:
        found.append(Hindrance(_("Le pôle lui doit encore %s.") % euros(-account.balance), url))
    if Quote.objects.accepted().filter(account=account, charged_at=None).exists():
        found.append(Hindrance(_("Un devis accepté n’est pas encore facturé."), url))
    held = sum((deposit.held for deposit in Deposit.objects.live().filter(account=account).with_held()), ZERO)
    if held:
        found.append(Hindrance(_("Le pôle lui détient encore un dépôt de %s.") % euros(held), url))
    if Mandate.objects.filter(account=account, revoked_on=None).exists():
        mandate_url = reverse("billing:account_mandate", args=[account.pk])
        found.append(Hindrance(_("Un mandat de prélèvement est encore en vigueur\u00a0: révoquez-le."), mandate_url))
    if Charge.objects.live().filter(account=account).exclude(lines__invoice__issued_at__isnull=False).exists():
        found.append(Hindrance(_("Des mouvements de son compte ne sont pas encore facturés."), url))
    if RecurringCharge.objects.unended(today).filter(account=account).exists():
        found.append(Hindrance(_("Une somme régulière court sur son compte : mettez-y fin."), url))
    return found


def erase(subject: Subject) -> list[str]:
    """An account that never served goes; with anything on it, it stays under the pseudonym with its invoices."""
    account = _account(subject)
    used = Q(account=account)
    kept = []
    if account is not None:
        invoices = Invoice.objects.issued().filter(used).count()
        if any(
            model.objects.filter(used).exists()
            for model in (
                Charge,
                DeclaredAid,
                Deposit,
                HeldBack,
                Invoice,
                Mandate,
                Payment,
                PayoutPayment,
                Quote,
                RecurringCharge,
            )
        ):
            kept.append(
                _("%(count)s factures et avoirs, avec le nom de l’acheteur, dix ans (C. com. L123-22).")
                % {"count": invoices}
            )
        else:
            account.delete()
    named = Q(detail__icontains=subject.name)
    if Mandate.objects.filter(Q(account__person=subject.person_id) | Q(signed_by__icontains=subject.name)).exists():
        kept.append(_("Les mandats de prélèvement signés, dix ans avec les comptes (C. com. L123-22)."))
    if Charge.objects.filter(named).exists() or InvoiceLine.objects.filter(named).exists():
        kept.append(_("Les lignes de compte et de facture qui disent qui avait réservé, dix ans (C. com. L123-22)."))
    return kept


def keepings() -> list[Keeping]:
    return [
        Keeping(
            key="billing.books",
            title=_("Factures, avoirs, mouvements, paiements et dépôts"),
            reason=_("Tenir les comptes, et les montrer à qui les contrôle."),
            ground=_(
                "dix ans après la fin de l’exercice (C. com. L123-22). Rien n’est effacé avant, ni après sans une main."
            ),
            outcome=_("pièces effacées"),
            fixed=_("dix ans au moins"),
        )
    ]


def _mandates(subject: Subject) -> Section:
    """Mandates of the person's own account, and those that they signed for a structure."""
    mandates = Mandate.objects.filter(Q(account__person=subject.person_id) | Q(signed_by__icontains=subject.name))
    header = [_("Référence"), _("Compte"), _("Titulaire"), _("IBAN"), _("Signé par"), _("Signé le"), _("Révoqué le")]
    rows: list[list[object]] = [
        [
            each.rum, str(each.account), each.debtor_name, each.masked_iban, each.signed_by, each.signed_on,
            each.revoked_on,
        ]
        for each in mandates.select_related("account__organisation", "account__person").order_by("-pk")
    ]  # fmt: skip
    return _kept("mandats", _("Mandats de prélèvement"), header, rows)


def _chasing(subject: Subject) -> list[Section]:
    return [_reminders(subject), _disputes(subject), _arrangements(subject), _agreed(subject)]


def _reminders(subject: Subject) -> Section:
    """What was said to the person about what was late, and what they said on the team's behalf."""
    theirs = Reminder.objects.filter(Q(account__person=subject.person_id) | Q(made_by=subject.person_id))
    header = [_("Le"), _("Facture"), _("Niveau"), _("Montant (€)"), _("Ce qui s’est dit")]
    rows: list[list[object]] = [
        [each.sent_on, str(each.invoice), each.level.title, each.amount, each.note]
        for each in theirs.select_related("invoice", "level").order_by("-sent_on", "-pk")
    ]
    return _kept("relances", _("Relances"), header, rows)


def _disputes(subject: Subject) -> Section:
    theirs = Dispute.objects.filter(
        Q(invoice__account__person=subject.person_id) | Q(opened_by=subject.person_id) | Q(closed_by=subject.person_id)
    )
    header = [_("Contestée le"), _("Facture"), _("Motif"), _("Réponse")]
    rows: list[list[object]] = [
        [each.opened_at, str(each.invoice), each.reason, each.answer]
        for each in theirs.select_related("invoice").order_by("-opened_at", "-pk")
    ]
    return _kept("contestations", _("Factures contestées"), header, rows)


def _arrangements(subject: Subject) -> Section:
    """The dates agreed for the person's own account, and those that they agreed for the team."""
    theirs = Arrangement.objects.filter(Q(account__person=subject.person_id) | Q(agreed_by=subject.person_id))
    header = [_("Convenu le"), _("Compte"), _("Montant (€)"), _("Motif"), _("Arrêté le"), _("Pourquoi")]
    rows: list[list[object]] = [
        [each.agreed_on, str(each.account), each.total, each.reason, each.ended_on, each.end_reason]
        for each in theirs.select_related("account__organisation", "account__person").order_by("-agreed_on", "-pk")
    ]
    return _kept("echeanciers", _("Échéanciers de comptes"), header, rows)


def _agreed(subject: Subject) -> Section:
    """What the person decided for the team: accounts left in peace, dates agreed."""
    spared = ReminderException.objects.filter(made_by=subject.person_id).select_related(
        "account__organisation", "account__person"
    )
    schedules = Schedule.objects.filter(agreed_by=subject.person_id).select_related("invoice")
    rows: list[list[object]] = [
        [each.starts_on, _("Compte sans relance"), str(each.account), each.reason] for each in spared.order_by("-pk")
    ]
    rows += [[each.agreed_at, _("Échéancier"), str(each.invoice), each.reason] for each in schedules.order_by("-pk")]
    return _kept("accords", _("Ce qu’elle a convenu pour le pôle"), [_("Le"), _("Quoi"), _("Pour"), _("Motif")], rows)
