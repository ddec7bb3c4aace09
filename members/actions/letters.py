"""What the hub writes on paper: in the words of that day, kept as a PDF, mailed where it goes by mail."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from billing.models import Issuer
from billing.papers import seller_of
from documents.actions import attach_document, store_file
from documents.queries import document_of
from hubs import languages
from hubs.actions import add_item, send_mail, start_run
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.scope import current_hub
from members.enums import LetterKind
from members.models import Application, Letter
from members.queries.departures import Member, addresses_of
from parties.models import Organisation, Person

# An application is answered by a mail of its own, with the link that follows it.
MAILED = (LetterKind.RESIGNATION, LetterKind.NOTICE, LetterKind.STRIKE_OFF)
PAPER = "letter"


def head_of(on: dt.date) -> dict[str, Any]:
    """The head of the hub's paper: its issuer, or its name alone where nobody invoices for it."""
    issuer = Issuer.objects.live(on).first()
    if issuer is not None:
        return seller_of(issuer)
    hub = current_hub()
    empty = ("legal_form", "siren", "siret", "vat_number", "rcs_or_rna", "email", "website", "logo_data_uri")
    return {"name": hub.name, "accent": hub.accent, "address_lines": [], **dict.fromkeys(empty, "")}


def _recipient(member: Member | None, application: Application | None) -> dict[str, Any]:
    if isinstance(member, Organisation):
        return {"name": member.name, "address_lines": member.address_lines}
    town = application.town if application else ""
    return {"name": str(member or application), "address_lines": [town] if town else []}


@transaction.atomic
def write_letter(
    *,
    kind: LetterKind,
    on: dt.date,
    by: Actor,
    member: Member | None = None,
    application: Application | None = None,
    **facts: Any,
) -> Letter:
    """Write to the member, or to who applied; `facts` are what the text tells. A worker makes the PDF."""
    context = {"kind": kind, "hub": current_hub(), "member": member, "application": application, "on": on, **facts}
    # Papers are in French, whatever the hub speaks.
    with translation.override("fr"):
        subject, _empty, body = render_to_string("members/letter_body.txt", context).strip().partition("\n\n")
    letter = Letter.objects.create(
        kind=kind,
        organisation=member if isinstance(member, Organisation) else None,
        person=member if isinstance(member, Person) else None,
        application=application,
        written_on=on,
        subject=subject[:160],
        body=body.strip(),
        recipient=_recipient(member, application),
        issuer=head_of(on),
    )
    run = start_run(title=letter.subject, by=by, about=letter)
    add_item(run=run, job="members.render_letter", label=letter.recipient["name"], letter_id=letter.pk)
    return letter


@transaction.atomic
def render_letter(*, letter: Letter) -> None:
    """Make the PDF of a letter, keep it, and mail it where letters of its kind are; once made, never again."""
    letter = (
        Letter.objects.select_related("organisation", "person")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=letter.pk)
    )
    if document_of(letter, PAPER) is not None or letter.emptied_on is not None:
        return
    # WeasyPrint is slow to import, and web processes do not need it.
    from documents.rendering import render_pdf

    with translation.override("fr"):
        pdf = render_pdf(
            template="members/letter_pdf.html",
            context={"letter": letter, "issuer": letter.issuer},
            issued_at=timezone.make_aware(dt.datetime.combine(letter.written_on, dt.time(12))),
            title=letter.subject,
            author=letter.issuer["name"],
        )
    name = f"{letter.get_kind_display()} {letter.written_on:%Y-%m-%d}.pdf"
    file = store_file(name=name, content_type="application/pdf", content=pdf.content)
    attach_document(about=letter, kind=PAPER, file=file)
    member = letter.organisation or letter.person
    to = addresses_of(member, letter.written_on) if member and letter.kind in MAILED else []
    if to:
        attachment = {"name": name, "type": "application/pdf", "key": file.key}
        context = {"letter": letter, "hub": current_hub(), "url": absolute(reverse("members:my_memberships"))}
        with languages.of_hub():
            text = render_to_string("members/mail/letter.txt", context)
        send_mail(to=to, subject=letter.subject, text=text, attachments=[attachment], about=letter)
