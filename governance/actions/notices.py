"""The agenda and the papers of an assembly, and the notice that calls each member to it."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.actions import attach_document, store_file
from documents.queries import document_of
from governance.actions.assemblies import WrongState, check_runs, locked_assembly, locked_draft, move_assembly
from governance.actions.roll import draw_roll
from governance.enums import AssemblyState
from governance.models import AgendaItem, Assembly, Notice, Paper
from governance.papers import notice_paper
from governance.queries.notices import addresses_of, to_call
from hubs import french, languages
from hubs.actions import add_item, record, send_mail, start_run
from hubs.actors import Actor
from hubs.queries import absolute
from hubs.refusals import Refusal, refusing
from hubs.scope import current_hub

NOTICE = "notice"


class NoticeTooLate(Refusal):
    """The statutes ask for more days between the notice and the assembly."""


class NoAgenda(Refusal):
    message = _("Écrivez d’abord l’ordre du jour\u00a0: les membres sont convoqués pour en délibérer.")


class NobodyToCall(Refusal):
    message = _("Aucun membre à ce jour-là\u00a0: vérifiez les adhésions et le jour auquel on est membre.")


class PaperTaken(Refusal):
    message = _("Une pièce porte déjà ce titre.")
    field = "title"


class HandedInFuture(Refusal):
    message = _("Une remise se note le jour où elle a lieu, ou après.")
    field = "handed_on"


class HandedAlready(Refusal):
    message = _("La remise de cette convocation est déjà notée.")


@transaction.atomic
def set_agenda(*, assembly: Assembly, titles: Sequence[str], by: Actor) -> list[AgendaItem]:
    """The points of the agenda, in this order, in the place of those before. Raises AlreadyConvened."""
    kept = locked_draft(assembly, by)
    before = list(AgendaItem.objects.filter(assembly=kept).order_by("rank").values_list("title", flat=True))
    if before == list(titles):
        return list(AgendaItem.objects.filter(assembly=kept).order_by("rank"))
    AgendaItem.objects.filter(assembly=kept).delete()
    made = AgendaItem.objects.bulk_create(
        AgendaItem(assembly=kept, rank=rank, title=title) for rank, title in enumerate(titles, start=1)
    )
    record(by=by, verb="governance.agenda_set", thing=kept, before={"agenda": before}, after={"agenda": list(titles)})
    return made


@transaction.atomic
def add_paper(
    *, assembly: Assembly, title: str, name: str, content: bytes, content_type: str, by: Actor, now: dt.datetime
) -> Paper:
    """A file for the members, until the assembly is over. Raises WrongState, PaperTaken."""
    check_runs(by)
    kept = locked_assembly(assembly.pk)
    if kept.state in (AssemblyState.CLOSED, AssemblyState.CANCELLED):
        raise WrongState
    file = store_file(name=name, content_type=content_type, content=content)
    with refusing({"governance_paper_once": PaperTaken}):
        paper = Paper.objects.create(assembly=kept, title=title, file=file, added_at=now)
    record(by=by, verb="governance.paper_added", thing=paper, after={"title": title}, concerns=kept)
    return paper


@transaction.atomic
def remove_paper(*, paper: Paper, by: Actor) -> None:
    """Take a paper away, before the members are convened. Raises AlreadyConvened."""
    kept = locked_draft(paper.assembly, by)
    record(by=by, verb="governance.paper_removed", thing=paper, before={"title": paper.title}, concerns=kept)
    paper.delete()


@transaction.atomic
def convene(*, assembly: Assembly, by: Actor, now: dt.datetime) -> Assembly:
    """Draw the roll and call its members, each by one mail; the PDF of the notice follows.

    Raises WrongState, NoAgenda, NoticeTooLate, NobodyToCall.
    """
    check_runs(by)
    kept = locked_assembly(assembly.pk)
    if kept.state != AssemblyState.DRAFT:
        raise WrongState
    today = timezone.localdate(now)
    if not kept.agenda.exists():
        raise NoAgenda
    if today > kept.last_notice_day or now >= kept.starts_at:
        raise NoticeTooLate(too_late_words(kept))
    kept.state, kept.convened_on = AssemblyState.CONVENED, today
    kept.save(update_fields=["state", "convened_on"])
    after = {"state": kept.state, "convened_on": today}
    record(by=by, verb="governance.convened", thing=kept, before={"state": AssemblyState.DRAFT}, after=after)
    draw_roll(assembly=kept, by=by, now=now)
    if not call_members(assembly=kept, by=by, now=now):
        raise NobodyToCall
    run = start_run(title=gettext("Convocation\u00a0: %s") % kept, by=by, about=kept)
    add_item(run=run, job="governance.render_notice", label=kept.title, assembly_id=kept.pk)
    return kept


def too_late_words(assembly: Assembly) -> str:
    """The last day that was possible, and what to do."""
    return gettext(
        "Les statuts demandent %(days)s jours de convocation\u00a0: elle devait partir le %(day)s au plus tard. "
        "Reportez l’assemblée."
    ) % {"days": assembly.notice_days, "day": french.day(assembly.last_notice_day, year=True)}


@transaction.atomic
def call_members(*, assembly: Assembly, by: Actor, now: dt.datetime) -> int:
    """Call those of the roll who were not called yet; how many. Who has no address waits for a notice by hand."""
    check_runs(by)
    kept = locked_assembly(assembly.pk)
    if kept.convened_on is None:
        raise WrongState
    entries = list(to_call(kept))
    notices = Notice.objects.bulk_create(Notice(entry=entry, called_at=now) for entry in entries)
    addresses = addresses_of(entries, timezone.localdate(now))
    agenda = list(kept.agenda.order_by("rank"))
    for notice in notices:
        if to := addresses[notice.entry_id]:
            _write(kept, notice, to, agenda)
    if notices:
        record(by=by, verb="governance.members_called", thing=kept, after={"memberships": len(notices)})
    return len(notices)


def _write(assembly: Assembly, notice: Notice, to: list[str], agenda: list[AgendaItem]) -> None:
    context = {
        "hub": current_hub(),
        "assembly": assembly,
        "entry": notice.entry,
        "agenda": agenda,
        "url": absolute(reverse("governance:my_assembly", args=[assembly.public_id])),
    }
    with languages.of_hub():
        day = french.day(assembly.starts_at, year=True)
        subject = gettext("Convocation\u00a0: %(title)s, %(day)s") % {"title": assembly.title, "day": day}
        text = render_to_string("governance/mail/notice.txt", context)
    send_mail(to=to, subject=subject, text=text, about=notice)


@transaction.atomic
def call_off(*, assembly: Assembly, reason: str, by: Actor, now: dt.datetime) -> Assembly:
    """Cancel an assembly that is not held yet, and tell those who were called, with the reason. Raises WrongState."""
    kept = move_assembly(assembly=assembly, to=AssemblyState.CANCELLED, by=by)
    record(by=by, verb="governance.called_off", thing=kept, reason=reason)
    called = list(
        Notice.objects.filter(entry__assembly=kept)
        .select_related("entry__membership__organisation", "entry__membership__person__user")
        .order_by("pk")
    )
    addresses = addresses_of([each.entry for each in called], timezone.localdate(now))
    context = {"hub": current_hub(), "assembly": kept, "reason": reason}
    with languages.of_hub():
        subject = gettext("Annulée\u00a0: %(title)s, %(day)s") % {
            "title": kept.title,
            "day": french.day(kept.starts_at, year=True),
        }
        text = render_to_string("governance/mail/called_off.txt", context)
    for notice in called:
        if to := addresses[notice.entry_id]:
            send_mail(to=to, subject=subject, text=text, about=kept)
    return kept


@transaction.atomic
def note_handed(*, notice: Notice, handed_on: dt.date, handed_how: str, by: Actor, today: dt.date) -> Notice:
    """That a notice was handed over otherwise than by mail. Raises HandedInFuture, HandedAlready."""
    check_runs(by)
    if handed_on > today:
        raise HandedInFuture
    kept = Notice.objects.select_for_update(of=("self",), no_key=True).get(pk=notice.pk)
    if kept.handed_on is not None:
        raise HandedAlready
    kept.handed_on, kept.handed_how = handed_on, handed_how
    kept.save(update_fields=["handed_on", "handed_how"])
    after = {"handed_on": handed_on, "handed_how": handed_how}
    record(by=by, verb="governance.notice_handed", thing=kept, after=after, concerns=kept.entry.assembly)
    return kept


@transaction.atomic
def render_notice(*, assembly: Assembly) -> None:
    """Make the PDF of the notice, agenda and proxy form with it, and keep it; once made, it is never made again."""
    kept = locked_assembly(assembly.pk)
    if document_of(kept, NOTICE) is not None or kept.convened_on is None:
        return
    # WeasyPrint is slow to import, and web processes do not need it.
    from documents.rendering import render_pdf

    with languages.of_hub():
        pdf = render_pdf(
            template="governance/notice_pdf.html",
            context=notice_paper(kept),
            issued_at=timezone.make_aware(dt.datetime.combine(kept.convened_on, dt.time(12))),
            title=gettext("Convocation\u00a0: %s") % kept,
            author=current_hub().name,
        )
    file = store_file(name=f"convocation-{kept.public_id}.pdf", content_type="application/pdf", content=pdf.content)
    attach_document(about=kept, kind=NOTICE, file=file)
