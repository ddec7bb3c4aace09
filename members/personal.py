"""What this app holds about a person: the memberships in their name, and the applications from their address."""

import datetime as dt

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from documents.actions import forget_documents
from documents.queries import documents_of
from hubs import french
from hubs.actions import name_of
from hubs.personal import ERASED, ERASED_NAME, Copy, Fate, Hindrance, Section, Subject
from members import personal_departures
from members.models import (
    Application,
    ApplicationQuerySet,
    Certificate,
    ChecklistItem,
    DatesRequest,
    DuesTerms,
    Membership,
    PageContact,
)
from members.papers import PAPER


def personal_data(subject: Subject) -> list[Section]:
    return [
        _memberships(subject),
        _dues(subject),
        _dates(subject),
        _applications(subject),
        _contacts(subject),
        _certificates(subject),
        _charters(subject),
        _steps(subject),
        *personal_departures.sections(subject, _sent(subject)),
    ]


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


def _dues(subject: Subject) -> Section:
    held = Membership.objects.filter(person=subject.person_id).select_related("fiscal_year", "dues_call", "dues_terms")
    rows = []
    for each in held.order_by("-fiscal_year__starts_on"):
        call, terms = getattr(each, "dues_call", None), getattr(each, "dues_terms", None)
        if call or terms:
            amount = french.euros(call.amount) if call else ""
            rows.append([each.fiscal_year.label, amount, call.why if call else "", terms.reason if terms else ""])
    return Section(
        key="cotisations",
        rank=32,
        title=_("Cotisations en son nom"),
        purpose=_("Compter la cotisation de l’année, l’appeler et dire pourquoi."),
        ground=_("Le contrat d’association (RGPD, art. 6-1-b)."),
        kept=_("Dix ans, avec les comptes (C. com. L123-22)."),
        fate=Fate.NAMELESS,
        afterwards=_("Les montants restent, sans le nom ni le motif de conditions particulières."),
        header=[_("Exercice"), _("Montant"), _("Pourquoi"), _("Motif")],
        rows=rows,
    )


def _dates(subject: Subject) -> Section:
    asked = DatesRequest.objects.filter(Q(asked_by=subject.person_id) | Q(answered_by=subject.person_id))
    return Section(
        key="etalements",
        rank=33,
        title=_("Demandes de payer en plusieurs fois"),
        purpose=_("Répondre à qui demande d’étaler une cotisation."),
        ground=_("Le contrat d’association (RGPD, art. 6-1-b)."),
        kept=_("Dix ans, avec les comptes (C. com. L123-22)."),
        fate=Fate.NAMELESS,
        afterwards=_("Les dates et la réponse restent, sans le nom ni le motif."),
        header=[_("Demandé le"), _("Fois"), _("Pourquoi"), _("Réponse")],
        rows=[[each.asked_at, each.parts, each.reason, each.answer] for each in asked.order_by("asked_at", "pk")],
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


def _contacts(subject: Subject) -> Section:
    shown = PageContact.objects.filter(person=subject.person_id).select_related("page__organisation")
    return Section(
        key="annuaire",
        rank=33,
        title=_("Pages publiques où son nom est montré"),
        purpose=_("Dire au public à qui parler dans la structure."),
        ground=_("Son consentement, qu’elle retire quand elle veut (RGPD, art. 6-1-a)."),
        kept=_("Jusqu’au retrait du consentement."),
        fate=Fate.ERASED,
        afterwards=_("Son nom n’est plus sur aucune page."),
        header=[_("Structure"), _("Accepté le")],
        rows=[[str(each.page), each.consented_at] for each in shown.order_by("-consented_at", "-pk")],
    )


def _certificates(subject: Subject) -> Section:
    held = list(Certificate.objects.filter(person=subject.person_id).for_display())
    papers = documents_of(held, PAPER)
    return Section(
        key="attestations",
        rank=32,
        title=_("Attestations à son nom"),
        purpose=_("Prouver ce que le pôle atteste, et le vérifier par un code."),
        ground=_("Le service demandé (RGPD, art. 6-1-b)."),
        kept=_("Tant que la personne est connue du pôle."),
        fate=Fate.NAMELESS,
        afterwards=_("Elles sont retirées, leurs PDF supprimés\u00a0; leurs numéros restent, sans le nom."),
        header=[_("Numéro"), _("Établie le"), _("Titre"), _("Retirée le")],
        rows=[[each.number, each.issued_on, each.title, each.withdrawn_on] for each in held],
        files=[Copy(papers[each.pk].file.name, papers[each.pk].file.key) for each in held if each.pk in papers],
    )


def _erase_certificates(subject: Subject, today: dt.date) -> None:
    held = list(Certificate.objects.filter(person=subject.person_id))
    for each in held:
        each.holder_name = ERASED
        if each.withdrawn_on is None:
            each.withdrawn_on, each.withdrawn_reason = today, _("Données effacées à la demande de la personne.")
        each.save(update_fields=["holder_name", "withdrawn_on", "withdrawn_reason"])
    forget_documents([name_of(each) for each in held])


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


def erase(subject: Subject, now: dt.datetime) -> list[str]:
    """Empty what names the person; an application still in flight is a hindrance, settled before."""
    _erase_certificates(subject, timezone.localdate(now))
    personal_departures.erase(subject, _sent(subject), now)
    _erase_steps(subject)
    for each in _sent(subject):
        each.given_name, each.family_name = ERASED_NAME
        each.phone, each.why, each.missing = "", "", ""
        each.email = f"efface-{each.public_id.lower()}@invalid.invalid"
        each.refusal = "—" if each.refusal else ""
        each.save(update_fields=["given_name", "family_name", "phone", "why", "missing", "email", "refusal"])
    PageContact.objects.filter(person=subject.person_id).delete()
    DuesTerms.objects.filter(membership__person=subject.person_id).exclude(reason="").update(reason="—")
    DatesRequest.objects.filter(asked_by=subject.person_id).update(reason="")
    return []


def hindrances(subject: Subject) -> list[Hindrance]:
    """The applications that nobody has answered yet, and a strike-off under way."""
    return [
        *personal_departures.hindrances(subject),
        *(
            Hindrance(
                _("La candidature «\u00a0%s\u00a0» attend une décision.") % each,
                reverse("members:application", args=[each.public_id]),
            )
            for each in _sent(subject).in_flight()
        ),
    ]
