"""What departures and letters hold about a person: as a member in their own name, as an applicant, or as who wrote."""

import datetime as dt
import re
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from documents.actions import forget_documents
from documents.queries import documents_of
from hubs.actions import name_of
from hubs.models import HubModel
from hubs.personal import ERASED, Copy, Fate, Hindrance, Section, Subject
from members.actions.letters import PAPER
from members.models import ApplicationQuerySet, Letter, LetterQuerySet, Resignation, StrikeOff

TEXTS: tuple[tuple[type[HubModel], tuple[str, ...]], ...] = (
    (Resignation, ("by", "reason")),
    (StrikeOff, ("grounds", "heard", "stop_reason")),
)
NOTHING = "—"


def sections(subject: Subject, sent: ApplicationQuerySet) -> list[Section]:
    return [_departures(subject), _letters(subject, sent)]


def _letters_to(subject: Subject, sent: ApplicationQuerySet) -> LetterQuerySet:
    return Letter.objects.filter(Q(person=subject.person_id) | Q(application__in=sent)).latest_first()


def _departures(subject: Subject) -> Section:
    resigned = Resignation.objects.filter(Q(membership__person=subject.person_id) | Q(by=subject.name))
    struck = StrikeOff.objects.filter(membership__person=subject.person_id)
    rows = [
        [each.letter_on, _("Démission"), str(each), each.last_day, each.reason]
        for each in resigned.for_display().order_by("-letter_on", "-pk")
    ] + [
        [each.notice_on, _("Radiation"), str(each), each.last_day, each.grounds or each.heard]
        for each in struck.for_display().order_by("-notice_on", "-pk")
    ]
    return Section(
        key="departs",
        rank=32,
        title=_("Démissions et radiations"),
        purpose=_("Savoir qui n’est plus membre, depuis quand et pourquoi."),
        ground=_("Le contrat d’association (RGPD, art. 6-1-b)."),
        kept=_("Tant que dure le pôle\u00a0: c’est le registre de ses membres."),
        fate=Fate.NAMELESS,
        afterwards=_("Les dates et les décisions restent, sans le nom ni les textes."),
        header=[_("Date"), _("Nature"), _("Membre"), _("Dernier jour"), _("Texte")],
        rows=rows,
    )


def _letters(subject: Subject, sent: ApplicationQuerySet) -> Section:
    letters = list(_letters_to(subject, sent))
    papers = documents_of(letters, PAPER)
    return Section(
        key="lettres",
        rank=33,
        title=_("Lettres"),
        purpose=_("Écrire une décision à qui elle concerne, et pouvoir la montrer."),
        ground=_("Le contrat d’association (RGPD, art. 6-1-b)."),
        kept=_("Tant que dure le pôle\u00a0: c’est le registre de ses membres."),
        fate=Fate.NAMELESS,
        afterwards=_("Les textes et les PDF sont supprimés\u00a0; l’objet et la date restent."),
        header=[_("Date"), _("Objet"), _("Texte")],
        rows=[[each.written_on, each.subject, each.body] for each in letters],
        files=[Copy(paper.file.name, paper.file.key) for paper in papers.values()],
        columns=2,
    )


def erase(subject: Subject, sent: ApplicationQuerySet, now: dt.datetime) -> None:
    """Empty the letters to the person with their PDF, and take the name out of what departures say."""
    letters = list(_letters_to(subject, sent).filter(emptied_on=None))
    forget_documents(name_of(letter) for letter in letters)
    for letter in letters:
        letter.body, letter.recipient = NOTHING, {"name": ERASED, "address_lines": []}
        letter.emptied_on = now.date()
        letter.save(update_fields=["body", "recipient", "emptied_on"])
    for model, fields in TEXTS:
        _empty(model.objects.filter(membership__person=subject.person_id), fields)  # type: ignore[attr-defined]
        for pattern in subject.patterns:
            _replace(model, fields, pattern)


def _empty(rows: Iterable[HubModel], fields: tuple[str, ...]) -> None:
    """Texts about one's own departure, which the database wants to be there where they were."""
    for row in rows:
        for field in fields:
            setattr(row, field, NOTHING if getattr(row, field) else "")
        row.save(update_fields=fields)


def _replace(model: type[HubModel], fields: tuple[str, ...], pattern: str) -> None:
    named = reduce(or_, (Q(**{f"{field}__iregex": pattern}) for field in fields))
    for row in model.objects.filter(named):  # type: ignore[attr-defined]
        for field in fields:
            setattr(row, field, re.sub(pattern, ERASED, getattr(row, field), flags=re.IGNORECASE))
        row.save(update_fields=fields)


def hindrances(subject: Subject) -> list[Hindrance]:
    """A procedure against the person, which they may still answer."""
    under_way = StrikeOff.objects.under_way().for_display().filter(membership__person=subject.person_id)
    return [
        Hindrance(
            _("La radiation engagée le %s attend une décision.") % f"{each.notice_on:%d/%m/%Y}",
            reverse("members:strike_off", args=[each.pk]),
        )
        for each in under_way
    ]
