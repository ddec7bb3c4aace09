"""Certificates: taken by members themselves, numbered with no hole, withdrawn with a reason."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.actions.numbers import lock_series, take_number
from billing.models import Issuer
from billing.papers import seller_of
from documents.actions import attach_document, store_file
from documents.queries import document_of
from hubs import languages
from hubs.actions import add_item, record, start_run
from hubs.actors import Actor
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub
from members.actions.colleges import check_keeps
from members.models import Certificate
from members.papers import PAPER, certificate_paper
from members.parts import certificate_kinds
from members.rules import takes_certificates
from parties.models import Organisation, Person

SERIES = "AT"


class NothingToAttest(Refusal):
    message = _("Il n’y a rien à attester ainsi aujourd’hui.")
    field = "period"


class NobodyAttests(Refusal):
    message = _("Aucun organisme ne porte le pôle\u00a0: personne ne peut encore attester. Parlez-en à l’équipe.")


class AlreadyWithdrawn(Refusal):
    message = _("Cette attestation est déjà retirée.")


class ReasonUntold(Refusal):
    message = _("Dites pourquoi l’attestation est retirée.")
    field = "reason"


@transaction.atomic
def issue_certificate(
    *, kind: str, holder: Organisation | Person, period: str, by: Actor, today: dt.date, now: dt.datetime
) -> Certificate:
    """Attest it under the next number; asked twice on one day, it is the same certificate.

    Raises NothingToAttest, NobodyAttests; NotAllowed unless `by` is the holder, works there or keeps the members.
    """
    organisation_id, person_id = (None, holder.pk) if isinstance(holder, Person) else (holder.pk, None)
    if not takes_certificates(by, organisation_id, person_id):
        raise NotAllowed(_("Une attestation se prend par les personnes de la structure."))
    issuer = Issuer.objects.live(today).first()
    if issuer is None:
        raise NobodyAttests
    wanted = certificate_kinds(current_hub()).get(kind)
    # Whoever asks the same thing at the same moment waits here, and finds it.
    lock_series(issuer, SERIES, today.year)
    with languages.of_hub():
        attested = wanted.attest(holder, period, today) if wanted else None
        title = str(wanted.title) if wanted else ""
    if attested is None:
        raise NothingToAttest
    whose = {"organisation_id": organisation_id, "person_id": person_id}
    said = {
        "statement": attested.statement,
        "facts": [list(fact) for fact in attested.facts],
        "table": [list(row) for row in (attested.header, *attested.rows)] if attested.rows else [],
    }
    same = Certificate.objects.filter(**whose, **said, kind=kind, period=period, issued_on=today, withdrawn_on=None)
    if (given := same.first()) is not None:
        return given
    taken = take_number(issuer, SERIES, today)
    certificate = Certificate.objects.create(
        **whose,
        **said,
        kind=kind,
        period=period,
        title=title,
        holder_name=str(holder),
        holder_lines=_lines_of(holder),
        issuer=issuer,
        seller=seller_of(issuer),
        year=taken.year,
        sequence=taken.sequence,
        number=taken.number,
        issued_on=taken.on,
        issued_at=now,
    )
    run = start_run(title=f"{title} {certificate.number}", by=by, about=certificate)
    add_item(run=run, job="members.render_certificate", label=certificate.number, certificate_id=certificate.pk)
    record(by=by, verb="members.certificate_issued", thing=certificate, after={"title": title}, concerns=holder)
    return certificate


def _lines_of(holder: Organisation | Person) -> list[str]:
    if isinstance(holder, Person):
        return []
    siren = [f"SIREN\u00a0{holder.siren}"] if holder.siren else []
    return [*holder.address_lines, *siren]


@transaction.atomic
def render_certificate(*, certificate: Certificate) -> None:
    """Make the PDF; once made, it is never made again."""
    Certificate.objects.select_for_update(of=("self",), no_key=True).get(pk=certificate.pk)
    if document_of(certificate, PAPER) is not None:
        return
    # WeasyPrint is slow to import: only the process that is asked for one pays for it.
    from documents.rendering import render_pdf

    with languages.of_hub():
        pdf = render_pdf(
            template="members/certificate_pdf.html",
            context=certificate_paper(certificate),
            issued_at=certificate.issued_at,
            title=f"{certificate.title} {certificate.number}",
            author=certificate.seller["name"],
        )
    file = store_file(name=f"{certificate.number}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=certificate, kind=PAPER, file=file)


@transaction.atomic
def withdraw_certificate(*, certificate: Certificate, reason: str, by: Actor, today: dt.date) -> Certificate:
    """From now on its code says that it no longer holds. Raises AlreadyWithdrawn, ReasonUntold."""
    check_keeps(by)
    kept = Certificate.objects.select_for_update(of=("self",), no_key=True).get(pk=certificate.pk)
    if kept.withdrawn_on is not None:
        raise AlreadyWithdrawn
    kept.withdrawn_on, kept.withdrawn_reason = today, reason
    with refusing({"members_certificate_withdrawn_has_reason": ReasonUntold}):
        kept.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    record(by=by, verb="members.certificate_withdrawn", thing=kept, reason=reason, concerns=kept.holder)
    return kept
