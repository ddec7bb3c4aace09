"""What this app holds about a person: the memberships in their name, the applications from their address, and what
they did of the lists of arrival.
"""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.personal import ERASED, ERASED_NAME, Fate, Hindrance, Section, Subject
from members.models import Application, ApplicationQuerySet, ChecklistItem, Membership


def personal_data(subject: Subject) -> list[Section]:
    return [_memberships(subject), _applications(subject), _charters(subject), _steps(subject)]


def _memberships(subject: Subject) -> Section:
    held = Membership.objects.filter(person=subject.person_id).select_related("college", "fiscal_year")
    return Section(
        key="adhesions",
        rank=30,
        title=_("Adhésions en son nom"),
        purpose=_("Savoir qui est membre, dans quel collège et quelle année."),
        ground=_("Le contrat d’association (RGPD, art. 6-1-b)."),
        kept=_("Tant que dure le pôle\u00a0: c’est le registre de ses membres."),
        fate=Fate.NAMELESS,
        afterwards=_("Les années et les collèges restent, sans le nom."),
        header=[_("Exercice"), _("Collège"), _("Situation"), _("Dernier jour")],
        rows=[
            [each.fiscal_year.label, each.college.name, each.get_standing_display(), each.last_day]
            for each in held.order_by("-fiscal_year__starts_on")
        ],
    )


def _sent(subject: Subject) -> ApplicationQuerySet:
    return Application.objects.for_display().filter(
        Q(email__in=[mail.lower() for mail in subject.emails]) | Q(membership__person=subject.person_id)
    )


def _applications(subject: Subject) -> Section:
    return Section(
        key="candidatures",
        rank=31,
        title=_("Candidatures"),
        purpose=_("Examiner la demande d’adhésion, et y répondre."),
        ground=_("Les démarches avant un contrat, à la demande de la personne (RGPD, art. 6-1-b)."),
        kept=_("Comme les coordonnées."),
        fate=Fate.NAMELESS,
        afterwards=_("Le nom, l’adresse et les textes sont vidés\u00a0; les dates et les décisions restent."),
        header=[_("Reçue le"), _("Structure"), _("Collège"), _("Situation"), _("Pourquoi")],
        rows=[
            [each.created_at, each.structure_name, each.college.name, each.get_state_display(), each.why]
            for each in _sent(subject)
        ],
        columns=4,
    )


def _charters(subject: Subject) -> Section:
    accepted = ChecklistItem.objects.filter(accepted_by=subject.person_id)
    return Section(
        key="chartes_acceptees",
        rank=32,
        title=_("Chartes acceptées pour une structure"),
        purpose=_("Savoir qui a engagé la structure, quel jour et sur quel texte."),
        ground=_("Le contrat avec sa structure (RGPD, art. 6-1-b)."),
        kept=_("Tant que dure le pôle."),
        fate=Fate.NAMELESS,
        afterwards=_("Le jour et la version restent, sans le nom."),
        header=[_("Structure"), _("Version"), _("Acceptée le")],
        rows=[
            [each.checklist.organisation.name, str(each.charter), each.done_on]
            for each in accepted.select_related("checklist__organisation", "charter").order_by("-done_on", "pk")
        ],
    )


def _steps(subject: Subject) -> Section:
    named = Q(owner=subject.person_id)
    if not subject.has_namesake:
        named |= Q(done_by=subject.name)
    found = ChecklistItem.objects.filter(named).select_related("checklist__organisation", "step")
    return Section(
        key="etapes_d_arrivee",
        rank=33,
        title=_("Étapes d’arrivée et de départ"),
        purpose=_("Savoir qui s’occupe de quoi quand une structure arrive ou s’en va."),
        ground=_("L’intérêt légitime du pôle à son organisation (RGPD, art. 6-1-f)."),
        kept=_("Tant que dure le pôle."),
        fate=Fate.NAMELESS,
        afterwards=_("Les étapes et leurs dates restent, sans le nom."),
        header=[_("Structure"), _("Étape"), _("Pour le"), _("Faite le")],
        rows=[
            [each.checklist.organisation.name, each.step.label(each.checklist.way), each.due_on, each.done_on]
            for each in found.order_by("-due_on", "pk")
        ],
        columns=2,
    )


def _erase_steps(subject: Subject) -> None:
    ChecklistItem.objects.filter(owner=subject.person_id).update(owner=None)
    named = Q(accepted_by=subject.person_id)
    if not subject.has_namesake:
        named |= Q(done_by=subject.name)
    ChecklistItem.objects.filter(named).update(done_by=ERASED)


def erase(subject: Subject) -> list[str]:
    """Empty what names the person; an application still in flight is a hindrance, settled before."""
    _erase_steps(subject)
    for each in _sent(subject):
        each.given_name, each.family_name = ERASED_NAME
        each.phone, each.why, each.missing = "", "", ""
        each.email = f"efface-{each.public_id.lower()}@invalid.invalid"
        each.refusal = "—" if each.refusal else ""
        each.save(update_fields=["given_name", "family_name", "phone", "why", "missing", "email", "refusal"])
    return []


def hindrances(subject: Subject) -> list[Hindrance]:
    """The applications that nobody has answered yet."""
    return [
        Hindrance(
            _("La candidature «\u00a0%s\u00a0» attend une décision.") % each,
            reverse("members:application", args=[each.public_id]),
        )
        for each in _sent(subject).in_flight()
    ]
