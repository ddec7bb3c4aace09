"""The minutes of an assembly, and the report of a meeting: written, published under a number, made into a PDF once."""

import datetime as dt

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from documents.actions import attach_document, store_file
from documents.queries import document_of
from governance.models import Assembly, Minutes
from governance.papers_meetings import report_paper
from governance.papers_votes import letterhead, minutes_paper, minutes_title, series_of
from governance.rules import runs_assemblies
from hubs.actions import add_item, record, start_run
from hubs.actors import Actor
from hubs.models import Hub
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.scope import current_hub_id

KIND = "minutes"


class MinutesPublished(Refusal):
    message = _("Ce procès-verbal est publié\u00a0: il ne se modifie plus.")


class MinutesTooEarly(Refusal):
    message = _("Fermez d’abord l’assemblée, et proclamez ses résultats\u00a0: le procès-verbal se publie ensuite.")


class ReportTooEarly(Refusal):
    message = _("La réunion n’a pas encore eu lieu, ou elle est annulée\u00a0: il n’y a rien à publier.")


class MinutesUnsigned(Refusal):
    message = _("Dites qui a présidé la séance, et qui en était secrétaire.")
    field = "chair"


_REFUSALS: dict[str, type[Refusal]] = {
    "governance_minutes_frozen": MinutesPublished,
    "governance_minutes_too_early": MinutesTooEarly,
    "governance_minutes_not_held": ReportTooEarly,
    "governance_minutes_signed": MinutesUnsigned,
}


def _check(by: Actor) -> None:
    if not runs_assemblies(by):
        raise NotAllowed(_("La coordination tient les procès-verbaux."))


def _locked(minutes: Minutes) -> Minutes:
    locked = Minutes.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("assembly", "meeting").get(pk=minutes.pk)


@transaction.atomic
def write_minutes(*, assembly: Assembly, chair: str, secretary: str, words: str, by: Actor) -> Minutes:
    """The draft, written as often as needed. Raises MinutesPublished."""
    _check(by)
    Assembly.objects.select_for_update(of=("self",), no_key=True).get(pk=assembly.pk)
    given = {"chair": chair, "secretary": secretary, "words": words}
    with refusing(_REFUSALS):
        kept, _is_new = Minutes.objects.update_or_create(assembly=assembly, defaults=given)
    record(by=by, verb="governance.minutes_written", thing=kept, concerns=assembly)
    return kept


@transaction.atomic
def publish_minutes(*, minutes: Minutes, by: Actor, now: dt.datetime, today: dt.date) -> Minutes:
    """Number and freeze the minutes, and have their PDF made; members, or the invited, then read them.

    Raises MinutesPublished, MinutesTooEarly, ReportTooEarly, MinutesUnsigned.
    """
    _check(by)
    Hub.objects.select_for_update(of=("self",), no_key=True).get(pk=current_hub_id())
    kept = _locked(minutes)
    kept.series, kept.year = series_of(kept.about), today.year
    numbered = Minutes.objects.filter(series=kept.series, year=kept.year)
    kept.sequence = (numbered.aggregate(last=models.Max("sequence"))["last"] or 0) + 1
    kept.published_at = now
    with refusing(_REFUSALS):
        kept.save(update_fields=["series", "year", "sequence", "published_at"])
    verb = "governance.report_published" if kept.meeting_id else "governance.minutes_published"
    record(by=by, verb=verb, thing=kept, after={"number": kept.number}, concerns=kept.about)
    run = start_run(title=minutes_title(kept), by=by, about=kept)
    add_item(run=run, job="governance.render_minutes", label=kept.number, minutes_id=kept.pk)
    return kept


@transaction.atomic
def render_minutes(*, minutes: Minutes) -> None:
    """Make the PDF and keep it, with its fingerprint; once made, it is never made again."""
    kept = _locked(minutes)
    if kept.published_at is None or document_of(kept, KIND):
        return
    # WeasyPrint is slow to import, and web processes do not need it.
    from documents.rendering import render_pdf

    seller = letterhead(kept.published_at.date())
    pdf = render_pdf(
        template="governance/report_pdf.html" if kept.meeting_id else "governance/minutes_pdf.html",
        context={"issuer": seller, "paper": report_paper(kept) if kept.meeting_id else minutes_paper(kept)},
        issued_at=kept.published_at,
        title=minutes_title(kept),
        author=seller["name"],
    )
    file = store_file(name=f"{kept.number}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=kept, kind=KIND, file=file)
