"""The documents of the demo: asked for by the usual list, given by some, one of them over."""

import datetime as dt

from django.utils import timezone

from hubs.actors import system
from hubs.scope import current_hub_id
from parties.enums import FieldOf
from parties.models import Organisation, Paper, PaperKind, Person
from parties.papers.actions import announce_ends, define_usual_kinds, deposit_paper

_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n"
)
# Statutes, RIB and insurance of the first structures: so many days since they were given, and until the end of the last.
GIVEN = (
    (("Statuts", 400, None), ("RIB", 390, None), ("Attestation d’assurance", 380, -15)),
    (("Statuts", 300, None), ("Attestation d’assurance", 350, 15)),
    (("RIB", 200, None), ("Attestation d’assurance", 100, 265), ("Charte signée", 90, None)),
)


def hand_in(today: dt.date) -> None:
    """What was asked and given in the last year or so, on its own days. Twice changes nothing."""
    if PaperKind.objects.exists():
        return
    by = system(current_hub_id())
    define_usual_kinds(by=by, on=today - dt.timedelta(days=450))
    kinds = {kind.name: kind for kind in PaperKind.objects.filter(about=FieldOf.ORGANISATION)}
    structures = Organisation.objects.live(today).filter(links__role="administrator").distinct().by_name()
    for organisation, papers in zip(structures, GIVEN, strict=False):
        for name, ago, left in papers:
            given_on = today - dt.timedelta(days=ago)
            deposit_paper(
                kind=kinds[name],
                thing=organisation,
                content=_PDF + f"% {name}, {organisation.public_id}\n".encode(),
                by=by,
                now=timezone.make_aware(dt.datetime.combine(given_on, dt.time(10))),
                today=given_on,
                issued_on=given_on,
                expires_on=None if left is None else today + dt.timedelta(days=left),
            )
    _of_someone(today)
    announce_ends(today=today, now=timezone.now())


def _of_someone(today: dt.date) -> None:
    """Someone of the demo gave their own insurance, which is good until next summer."""
    kind = PaperKind.objects.filter(about=FieldOf.PERSON).first()
    person = Person.objects.filter(user__isnull=False, links__role="employee").by_name().first()
    if kind is None or person is None or Paper.objects.filter(person=person).exists():
        return
    deposit_paper(
        kind=kind,
        thing=person,
        content=_PDF + b"% assurance\n",
        by=system(current_hub_id()),
        now=timezone.now(),
        today=today,
        issued_on=today,
        expires_on=today + dt.timedelta(days=240),
    )
