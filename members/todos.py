"""What waits for a decision about memberships."""

import datetime as dt

from django.db.models import CharField, Exists, F, Min, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.actors import Actor
from hubs.french import day
from hubs.models import Run
from hubs.parts import HANDFUL, Todo
from members.enums import ApplicationState, StrikeState
from members.models import Application, Checklist, DatesRequest, Resignation, StrikeOff
from members.queries import stale_pages, told_strikes, year_in_force
from parties.models import ImportDraft


def year_to_open(today: dt.date) -> list[Todo]:
    """The year has ended and the next is not open: its members go on, but nobody has renewed them."""
    year = year_in_force(today)
    if year is None or year.ends_on > today:
        return []
    label = _("Ouvrir l’exercice qui suit «\u00a0%s\u00a0»") % year.label
    reason = _("Il est fini\u00a0: ses adhésions restent en vigueur tant que le suivant n’est pas ouvert.")
    url = reverse("members:open_year")
    return [
        Todo(f"members.year:{year.pk}", _("Adhésions"), label, reason, url, year.ends_on, verb=_("Ouvrir l’exercice"))
    ]


def files_left(actor: Actor, now: dt.datetime) -> list[Todo]:
    """Files that the actor dropped and did not import: they go within the day. Nobody else reads them."""
    under_way = Run.objects.filter(about=OuterRef("named"), cancelled_at=None)
    named = Concat(Value(f"{ImportDraft._meta.label_lower}:"), Cast(F("pk"), CharField()))
    drafts = (
        ImportDraft.objects.live(now)
        .filter(owner=actor.person_id, purpose="members", imported_at=None)
        .annotate(named=named)
        .filter(~Exists(under_way))
        .defer("content")
        .order_by("created_at", "pk")
    )
    return [
        Todo(
            f"members.file:{draft.pk}",
            _("Adhésions"),
            draft.name,
            _("Vous avez déposé ce fichier sans l’importer\u00a0; il s’efface au bout d’un jour."),
            reverse("members:import_draft", args=[draft.public_id]),
            timezone.localdate(draft.created_at),
            verb=_("Reprendre l’import"),
        )
        for draft in drafts
    ]


def applications_waiting() -> list[Todo]:
    """The applications that the hub has to decide on, the oldest first; those that wait for the applicant, or for
    the assembly, are not to do."""
    waiting = Application.objects.for_display().filter(state=ApplicationState.OPEN, missing="")
    return [
        Todo(
            f"members.application:{each.pk}",
            _("Candidatures"),
            str(each),
            _("Candidature au collège «\u00a0%s\u00a0».") % each.college,
            reverse("members:application", args=[each.public_id]),
            timezone.localdate(each.created_at),
            verb=_("Examiner"),
        )
        for each in waiting
    ]


def pages_to_confirm(today: dt.date) -> list[Todo]:
    """Public pages that nobody has confirmed for a year: their structures were asked by mail, and may need a call."""
    stale = stale_pages(today)
    kind, verb = _("Annuaire"), _("Relire")
    if len(stale) > HANDFUL:
        label = _("%d pages publiques à vérifier") % len(stale)
        reason = _("Personne ne les a vérifiées depuis un an.")
        since = stale[0].confirmed_on or today
        return [Todo("members.pages", kind, label, reason, reverse("members:public_pages"), since, verb=verb)]
    return [
        Todo(
            f"members.page:{page.pk}",
            kind,
            str(page),
            _("Sa page publique n’a pas été vérifiée depuis un an."),
            reverse("members:page_edit", args=[page.organisation.public_id]),
            page.confirmed_on or today,
            verb=verb,
        )
        for page in stale
    ]


def departures_waiting(today: dt.date) -> list[Todo]:
    """Resignations that nobody has read yet, and strike-offs whose delay has ended. Three queries."""
    resigned = Resignation.objects.live().for_display().filter(noted_on=None).order_by("received_on", "pk")
    notes = [
        Todo(
            f"members.resignation:{each.pk}",
            _("Départs"),
            str(each),
            _("Démission déposée sur le portail\u00a0: membre jusqu’au %s inclus.") % day(each.last_day, weekday=False),
            reverse("members:resignation", args=[each.pk]),
            each.received_on,
            verb=_("Prendre note"),
        )
        for each in resigned
    ]
    under_way = StrikeOff.objects.under_way().for_display().filter(answer_by__lt=today).order_by("answer_by", "pk")
    decisions = [
        Todo(
            f"members.strikeoff:{each.pk}",
            _("Départs"),
            str(each),
            _("La cotisation est payée\u00a0: notez l’arrêt de la radiation.")
            if state == StrikeState.SETTLED
            else _("Le délai de la mise en demeure est écoulé\u00a0: à entendre, puis à décider."),
            reverse("members:strike_off", args=[each.pk]),
            each.answer_by,
            verb=_("Suivre la radiation"),
        )
        for each, state in told_strikes(under_way, today)
    ]
    return [*notes, *decisions]


def dates_asked() -> list[Todo]:
    """The members who ask to pay their dues in several dates, the oldest first."""
    waiting = DatesRequest.objects.waiting().select_related(
        "call__membership__organisation", "call__membership__person", "call__membership__fiscal_year"
    )
    return [
        Todo(
            f"members.dates:{each.pk}",
            _("Cotisations"),
            str(each.call.membership.member),
            _("Demande à payer sa cotisation %(year)s en %(parts)s fois.")
            % {"year": each.call.membership.fiscal_year, "parts": each.parts},
            reverse("members:answer_dates", args=[each.pk]),
            timezone.localdate(each.asked_at),
            verb=_("Répondre"),
        )
        for each in waiting.order_by("asked_at", "pk")
    ]


def late_lists(today: dt.date) -> list[Todo]:
    """The structures that arrive or leave with steps that should be done, the longest late first; beyond a handful,
    the page of the lists.
    """
    late = list(
        Checklist.objects.late(today)
        .with_progress(today)
        .annotate(since=Min("items__due_on", filter=Q(items__done_on=None)))
        .order_by("since", "pk")
    )
    kind = _("Arrivées et départs")
    if len(late) > HANDFUL:
        label = _("%(n)s structures ont des étapes en retard") % {"n": len(late)}
        names = ", ".join(each.organisation.name for each in late[:HANDFUL])
        reason = _("Entre autres\u00a0: %(names)s.") % {"names": names}
        return [Todo("members.checklists", kind, label, reason, reverse("members:checklists"), late[0].since)]
    return [
        Todo(
            f"members.checklist:{each.pk}",
            kind,
            str(each),
            ngettext("%(n)s étape est en retard.", "%(n)s étapes sont en retard.", each.late) % {"n": each.late},
            reverse("members:checklist", args=[each.public_id]),
            each.since,
            verb=_("Voir la liste"),
        )
        for each in late
    ]
