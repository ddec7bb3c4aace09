"""Whom it is about, and what was asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hubs.actions import name_of
from hubs.french import day
from hubs.models import AuditEntry
from hubs.parts import Todo
from hubs.personal import ERASURE, Section, Subject, sections_about
from parties.models import ErasureRequest, Person


def subject_of(person: Person) -> Subject:
    """The person as the apps are asked about them."""
    user = person.user
    emails = dict.fromkeys(email.lower() for email in (person.email, user.email if user else "") if email)
    return Subject(
        person_id=person.pk,
        thing=name_of(person),
        given_name=person.given_name,
        family_name=person.family_name,
        user_id=person.user_id,
        emails=tuple(emails),
        phone=person.phone,
        has_namesake=_has_namesake(person),
    )


def subjects_of(person: Person) -> list[Subject]:
    """The person and the sheets that were merged into theirs: one human being, whatever the rows."""
    return [subject_of(each) for each in (person, *person.merged.filter(erased_at=None).order_by("pk"))]


def sections_of(person: Person) -> list[Section]:
    """All that is held under any of their sheets, each kind once."""
    told: dict[str, Section] = {}
    for subject in subjects_of(person):
        for section in sections_about(subject):
            known = told.get(section.key)
            rows = [*known.rows, *section.rows] if known else section.rows
            files = [*known.files, *section.files] if known else section.files
            told[section.key] = replace(section, rows=rows, files=files)
    return sorted(told.values(), key=lambda section: section.rank)


def _has_namesake(person: Person) -> bool:
    others = Person.objects.known().exclude(pk=person.pk)
    return others.filter(given_name__iexact=person.given_name, family_name__iexact=person.family_name).exists()


def open_request(person_id: int | None) -> ErasureRequest | None:
    """What the person has asked and nobody has answered yet."""
    return ErasureRequest.objects.filter(person=person_id, settled_at=None).first() if person_id else None


def erasures_to_do() -> list[Todo]:
    """One line per request that waits, with the day by which the hub must have answered."""
    waiting = ErasureRequest.objects.filter(settled_at=None).select_related("person").order_by("due_on", "pk")
    return [
        Todo(
            key=f"parties.erasure:{asked.pk}",
            kind=_("Données personnelles"),
            label=_("Effacer les données de %(person)s") % {"person": asked.person},
            reason=_("Réponse attendue avant le %(day)s.") % {"day": day(asked.due_on, year=True, weekday=False)},
            url=reverse("parties:erase", args=[asked.person.public_id]),
            since=timezone.localdate(asked.asked_at),
            verb=_("Répondre"),
        )
        for asked in waiting
    ]


@dataclass(frozen=True)
class Left:
    """What the log says of an erasure: what was kept and why, and the texts that someone has to read."""

    asked_by: str
    asked_on: str
    kept: Sequence[str]
    to_read: Sequence[str]


def left_of(person: Person) -> Left | None:
    entry = AuditEntry.objects.filter(thing=name_of(person), verb=ERASURE).order_by("-pk").first()
    if entry is None or entry.after is None:
        return None
    return Left(**{name: entry.after[name] for name in ("asked_by", "asked_on", "kept", "to_read")})
