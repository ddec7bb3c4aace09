"""What meetings hold about a person: that they were invited, for whom, and whether they came."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.models import Invitee
from hubs.personal import ERASED, Fate, Section, Subject


def _typed(subject: Subject) -> Q:
    """The lines without a person on file that are theirs: by address, or by name where nobody else has it."""
    theirs = Q(email__in=[each.lower() for each in subject.emails])
    if not subject.has_namesake:
        theirs |= Q(name__iexact=subject.name)
    return Q(person=None) & theirs


def _invited(subject: Subject) -> QuerySet[Invitee]:
    same = Q(person=subject.person_id) | Q(person__merged_into=subject.person_id)
    return Invitee.objects.filter(same | _typed(subject)).select_related("meeting")


def personal_data(subject: Subject) -> list[Section]:
    return [
        Section(
            key="reunions",
            rank=33,
            title=_("Réunions du Bureau, du conseil ou du comité de pilotage"),
            purpose=_("Inviter qui doit l’être, et tenir le compte rendu."),
            ground=_("L’intérêt légitime du pôle (RGPD, art. 6-1-f)."),
            kept=_("Tant que dure le pôle\u00a0: les comptes rendus s’y appuient."),
            fate=Fate.NAMELESS,
            afterwards=_("La ligne reste sous «\u00a0Personne effacée\u00a0», sans l’adresse. Les comptes rendus restent."),
            header=[_("Réunion"), _("Le"), _("Nom"), _("Adresse"), _("Au nom de"), _("Invitation"), _("Présence")],
            rows=[
                [each.meeting.title, each.meeting.day, each.name or subject.name, each.email, each.represents,
                 each.called_at, each.came]
                for each in _invited(subject).order_by("-meeting__starts_at", "-pk")
            ],
        )
    ]  # fmt: skip


def erase(subject: Subject) -> list[str]:
    """Lines that point at the sheet follow it; those with a name typed lose it, and their link with the address."""
    Invitee.objects.filter(_typed(subject)).update(name=ERASED, email="")
    return []
