"""Documents: which ones the hub asks for, deposited, replaced, withdrawn, and their end announced."""

import datetime as dt
from typing import TypedDict, Unpack

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.actions import store_file
from documents.uploads import ENDINGS, type_of
from hubs import french, languages
from hubs.actions import record, send_mail
from hubs.actors import Actor
from hubs.models import User
from hubs.queries import absolute
from hubs.refusals import NotAllowed, Refusal, refusing
from hubs.rules import coordinator
from hubs.scope import current_hub
from parties.actions.structures import check_stands
from parties.enums import FieldOf, FieldReach, LinkRole
from parties.merging.queries import on_sheet
from parties.models import Link, Organisation, Paper, PaperKind, Person
from parties.own_fields.queries import about_of
from parties.papers.rules import Thing, is_theirs, keeps_papers


class NameTaken(Refusal):
    message = _("Un document porte déjà ce nom.")
    field = "name"


class NeedsEnd(Refusal):
    message = _("Ce document a une date de fin\u00a0: écrivez jusqu’à quel jour il est valable.")
    field = "expires_on"


class EndsBeforeItsDate(Refusal):
    message = _("La fin vient après la date du document.")
    field = "expires_on"


class OverAlready(Refusal):
    message = _("Ce document n’est plus valable à cette date\u00a0: déposez celui qui le remplace.")
    field = "expires_on"


class NotOfThisSheet(Refusal):
    message = _("Ce document n’est pas demandé ici.")
    field = "kind"


class NoLongerInUse(Refusal):
    message = _("Cette version n’est plus en usage\u00a0: une autre l’a remplacée, ou elle a été retirée.")


class JustReplaced(Refusal):
    message = _("Quelqu’un vient de déposer ce document. Rechargez la page pour voir sa version.")
    field = "file"


class KindWords(TypedDict, total=False):
    name: str
    help: str
    expires: bool
    reach: FieldReach


USUAL: tuple[tuple[FieldOf, str, bool, FieldReach], ...] = (
    (FieldOf.ORGANISATION, "Statuts", False, FieldReach.WRITE),
    (FieldOf.ORGANISATION, "RIB", False, FieldReach.WRITE),
    (FieldOf.ORGANISATION, "Attestation d’assurance", True, FieldReach.WRITE),
    (FieldOf.ORGANISATION, "Extrait Kbis ou publication au Journal officiel", False, FieldReach.WRITE),
    (FieldOf.ORGANISATION, "Mandat de représentation", True, FieldReach.WRITE),
    (FieldOf.ORGANISATION, "Charte signée", False, FieldReach.READ),
    (FieldOf.PERSON, "Assurance responsabilité civile", True, FieldReach.WRITE),
)


def _check_kinds(by: Actor) -> None:
    if not coordinator(by):
        raise NotAllowed(_("La coordination choisit les documents que le pôle demande."))


@transaction.atomic
def define_kind(*, about: FieldOf, by: Actor, on: dt.date, **words: Unpack[KindWords]) -> PaperKind:
    """Ask structures or people for a document, from that day. Raises NameTaken."""
    _check_kinds(by)
    last = PaperKind.objects.filter(about=about).aggregate(last=Max("rank"))["last"] or 0
    with refusing({"parties_paperkind_name_once": NameTaken}):
        kind = PaperKind.objects.create(about=about, starts_on=on, rank=last + 10, **words)
    record(by=by, verb="parties.paper_kind_defined", thing=kind, after={"about": about, **words})
    return kind


@transaction.atomic
def define_usual_kinds(*, by: Actor, on: dt.date) -> list[PaperKind]:
    """What most hubs ask for; nothing once the hub asks for something."""
    _check_kinds(by)
    if PaperKind.objects.exists():
        return []
    return [
        define_kind(about=about, name=name, expires=expires, reach=reach, by=by, on=on)
        for about, name, expires, reach in USUAL
    ]


@transaction.atomic
def change_kind(*, kind: PaperKind, by: Actor, **words: Unpack[KindWords]) -> PaperKind:
    """Say it otherwise. Documents already given keep the dates they have. Raises NameTaken."""
    _check_kinds(by)
    kept = PaperKind.objects.select_for_update(of=("self",)).get(pk=kind.pk)
    changes = {name: value for name, value in words.items() if getattr(kept, name) != value}
    if not changes:
        return kept
    before = {name: getattr(kept, name) for name in changes}
    for name, value in changes.items():
        setattr(kept, name, value)
    with refusing({"parties_paperkind_name_once": NameTaken}):
        kept.save(update_fields=list(changes))
    record(by=by, verb="parties.paper_kind_changed", thing=kept, before=before, after=changes)
    return kept


@transaction.atomic
def end_kind(*, kind: PaperKind, by: Actor, on: dt.date) -> PaperKind:
    """No longer asked for; what was given stays on its sheet, and its end is announced no more."""
    _check_kinds(by)
    kind.ends_on = max(on, kind.starts_on)
    kind.save(update_fields=["ends_on"])
    record(by=by, verb="parties.paper_kind_ended", thing=kind, after={"ends_on": kind.ends_on})
    return kind


def _check_dates(kind: PaperKind, issued_on: dt.date | None, expires_on: dt.date | None) -> None:
    if kind.expires and expires_on is None:
        raise NeedsEnd
    if issued_on is not None and expires_on is not None and expires_on < issued_on:
        raise EndsBeforeItsDate


@transaction.atomic
def deposit_paper(
    *,
    kind: PaperKind,
    thing: Thing,
    content: bytes,
    by: Actor,
    now: dt.datetime,
    today: dt.date,
    issued_on: dt.date | None = None,
    expires_on: dt.date | None = None,
) -> Paper:
    """Keep a document that a structure or a person gives; the version in use until now is kept behind it.

    Raises NotAllowed, NotOfThisSheet, NeedsEnd, EndsBeforeItsDate, OverAlready, JustReplaced, MergedAway, and those of
    `type_of`.
    """
    if not keeps_papers(by) and not (is_theirs(by, thing) and kind.reach == FieldReach.WRITE):
        raise NotAllowed(_("Vous ne pouvez pas déposer ce document."))
    check_stands(thing)
    if kind.about != about_of(thing) or not PaperKind.objects.live(today).filter(pk=kind.pk).exists():
        raise NotOfThisSheet
    _check_dates(kind, issued_on, expires_on)
    if expires_on is not None and expires_on < today:
        raise OverAlready
    content_type = type_of(content)
    of_thing = {str(about_of(thing)): thing}
    in_use = Paper.objects.current().filter(on_sheet(str(about_of(thing)), thing), kind=kind)
    for paper in in_use.select_for_update(of=("self",), no_key=True).order_by("pk"):
        paper.ended_at = now
        paper.save(update_fields=["ended_at"])
    with refusing({"parties_paper_one_of_structure": JustReplaced, "parties_paper_one_of_person": JustReplaced}):
        made = Paper(kind=kind, issued_on=issued_on, expires_on=expires_on, deposited_at=now, **of_thing)
        name = f"{kind.name}.{ENDINGS[content_type]}"
        made.file = store_file(name=name, content_type=content_type, content=content)
        made.depositor_id = by.person_id
        made.save()
    record(
        by=by,
        verb="parties.paper_deposited",
        thing=thing,
        after={"paper": kind.name, "issued_on": issued_on, "expires_on": expires_on},
    )
    return made


@transaction.atomic
def change_paper_dates(*, paper: Paper, issued_on: dt.date | None, expires_on: dt.date | None, by: Actor) -> Paper:
    """Correct what was typed beside the document. Its end is announced anew when it moves.

    Raises NoLongerInUse, NeedsEnd, EndsBeforeItsDate.
    """
    kept = _locked(paper, by)
    _check_dates(kept.kind, issued_on, expires_on)
    before = {"paper": kept.kind.name, "issued_on": kept.issued_on, "expires_on": kept.expires_on}
    if expires_on != kept.expires_on:
        kept.announced_at = None
    kept.issued_on, kept.expires_on = issued_on, expires_on
    kept.save(update_fields=["issued_on", "expires_on", "announced_at"])
    after = {"paper": kept.kind.name, "issued_on": issued_on, "expires_on": expires_on}
    record(by=by, verb="parties.paper_dated", thing=kept.about, before=before, after=after)
    return kept


@transaction.atomic
def withdraw_paper(*, paper: Paper, reason: str, by: Actor, now: dt.datetime) -> Paper:
    """Not the right document: it is no longer in use, and is read among the versions. Raises NoLongerInUse."""
    kept = _locked(paper, by)
    kept.ended_at, kept.reason = now, reason
    kept.save(update_fields=["ended_at", "reason"])
    record(by=by, verb="parties.paper_withdrawn", thing=kept.about, after={"paper": kept.kind.name}, reason=reason)
    return kept


def _locked(paper: Paper, by: Actor) -> Paper:
    if not keeps_papers(by):
        raise NotAllowed(_("L’équipe corrige et retire les documents."))
    kept = Paper.objects.select_for_update(of=("self",), no_key=True).for_display().get(pk=paper.pk)
    if kept.ended_at is not None:
        raise NoLongerInUse
    return kept


@transaction.atomic
def announce_ends(*, today: dt.date, now: dt.datetime) -> int:
    """Tell structures and people, once, which of their documents end within the notice; says how many were told.

    What is replaced meanwhile is not announced, nor what is withdrawn or no longer asked for. Whoever has no address
    is not told: the staff find the document in à faire.
    """
    due = (
        Paper.objects.expiring(today)
        .filter(announced_at=None, expires_on__gte=today, kind__ends_on=None)
        .exclude(kind__reach=FieldReach.STAFF)
        .exclude(organisation__closed_on__lte=today)
    )
    told = 0
    for paper in due.select_for_update(of=("self",), skip_locked=True, no_key=True).for_display().order_by("pk"):
        to = _addresses(paper.about, today)
        if to:
            _announce(paper, to)
            paper.announced_at = now
            paper.save(update_fields=["announced_at"])
            told += 1
    return told


def _addresses(thing: Thing, today: dt.date) -> list[str]:
    """Where one writes about it: to a structure's own address, else to those who administer it."""
    if isinstance(thing, Person):
        email = thing.user.email if thing.user else thing.email
        return [email] if email else []
    if thing.email:
        return [thing.email]
    administrators = Link.objects.live(today).filter(on_sheet("organisation", thing), role=LinkRole.ADMINISTRATOR)
    return sorted({link.person.email for link in administrators.select_related("person") if link.person.email})


def _announce(paper: Paper, to: list[str]) -> None:
    reader = User.objects.filter(email=to[0].lower()).first()
    with languages.of_recipient(reader.language if reader else ""):
        told = {
            "paper": paper.kind.name,
            "who": paper.about,
            "day": french.day(paper.expires_on, year=True, weekday=False),  # type: ignore[arg-type]
            "hub": current_hub().name,
        }
        text = gettext(
            "Bonjour,\n\nLe document «\u00a0%(paper)s\u00a0» (%(who)s), gardé par %(hub)s, est valable jusqu’au %(day)s "
            "inclus.\n\n"
        )
        if paper.kind.reach == FieldReach.WRITE:
            text += gettext("Déposez celui qui le remplace à cette page\u00a0:\n\n%(url)s\n")
            told["url"] = absolute(_page_of(paper))
        else:
            text += gettext("Envoyez à l’équipe celui qui le remplace, en réponse à ce courriel.\n")
        subject = gettext("«\u00a0%(paper)s\u00a0» finit le %(day)s")
        send_mail(to=to, subject=subject % told, text=text % told, about=paper.about)


def _page_of(paper: Paper) -> str:
    if isinstance(paper.about, Organisation):
        return reverse("parties:my_structure_papers", args=[paper.about.public_id])
    return reverse("parties:my_papers")
