"""What this app holds about a person, how it takes them out, and how long it keeps whom."""

import datetime as dt
from collections.abc import Sequence

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from hubs.actors import system
from hubs.models import StaffRole
from hubs.personal import ERASED, ERASED_NAME, Fate, Keeping, Section, Subject
from hubs.scope import current_hub_id
from parties.enums import RequestOutcome
from parties.merging.queries import on_sheet
from parties.models import ErasureRequest, ImportDraft, Invitation, Link, Merge, OwnValue, Person
from parties.own_fields.queries import values_of_person
from parties.papers import held as papers
from parties.personal import actions

NOTICE = dt.timedelta(days=30)


def personal_data(subject: Subject) -> list[Section]:
    person = Person.objects.get(pk=subject.person_id)
    return [
        _identity(person),
        _own_values(person),
        _links(person),
        _invitations(person),
        _invited(person),
        _drafts(person),
        papers.given(person),
        papers.deposited(person),
        _merges(person),
        _requests(person),
    ]


def _identity(person: Person) -> Section:
    return Section(
        key="identite",
        rank=10,
        title=_("Identité et coordonnées"),
        purpose=_("Savoir qui est qui, et joindre."),
        ground=_("Le contrat avec sa structure, ou l’intérêt légitime du pôle (RGPD, art. 6-1-b et f)."),
        kept=_("Tant qu’un rôle ou un accès court, puis trois ans après le dernier contact."),
        fate=Fate.ERASED,
        afterwards=_("Le nom devient «\u00a0Personne effacée\u00a0», les coordonnées sont vidées."),
        header=[_("Prénom"), _("Nom"), _("Adresse électronique"), _("Téléphone"), _("Connu·e depuis")],
        rows=[[person.given_name, person.family_name, person.email, person.phone, person.known_at]],
    )


def _own_values(person: Person) -> Section:
    return Section(
        key="informations_propres_au_pole",
        rank=11,
        title=_("Informations propres au pôle"),
        purpose=_("Ce que ce pôle demande en plus, dit par le libellé de chaque champ."),
        ground=_("L’intérêt légitime du pôle, ou l’accord de la personne (RGPD, art. 6-1-f et a)."),
        kept=_("Comme les coordonnées."),
        fate=Fate.ERASED,
        afterwards=_("Toutes les valeurs sont supprimées."),
        header=[_("Champ"), _("Valeur")],
        rows=[[field.title, value] for field, value in values_of_person(person)],
    )


def _links(person: Person) -> Section:
    links = person.links.select_related("organisation").order_by("-starts_on", "pk")
    return Section(
        key="roles_dans_les_structures",
        rank=12,
        title=_("Rôles dans les structures"),
        purpose=_("Savoir qui agit pour qui, et qui peut réserver ou recevoir une facture."),
        ground=_("Le contrat avec sa structure (RGPD, art. 6-1-b)."),
        kept=_("Comme les coordonnées."),
        fate=Fate.NAMELESS,
        afterwards=_("Les rôles prennent fin\u00a0; leurs dates restent, sans le nom ni la fonction."),
        header=[_("Structure"), _("Rôle"), _("Fonction"), _("Depuis le"), _("Dernier jour")],
        rows=[
            [link.organisation.name, link.get_role_display(), link.title, link.starts_on, link.last_day]
            for link in links
        ],
    )


def _invitations(person: Person) -> Section:
    received = Invitation.objects.to_person(person).for_display()
    return Section(
        key="invitations",
        rank=13,
        title=_("Invitations reçues"),
        purpose=_("Laisser entrer qui a été invité, et savoir par qui."),
        ground=_("L’intérêt légitime du pôle à tenir ses droits d’accès (RGPD, art. 6-1-f)."),
        kept=_("Trois mois quand personne n’a répondu, sinon comme les coordonnées."),
        fate=Fate.ERASED,
        afterwards=_("Elles sont supprimées\u00a0; leurs liens n’ouvrent plus rien."),
        header=[_("Envoyée le"), _("À"), _("Pour"), _("Structure"), _("Par"), _("Acceptée le"), _("Retirée le")],
        rows=[
            [
                each.sent_at,
                each.email,
                each.what,
                str(each.organisation or ""),
                str(each.inviter or ""),
                each.accepted_at,
                each.withdrawn_at,
            ]
            for each in received
        ],
        columns=6,
    )


def _invited(person: Person) -> Section:
    """Without the names of those who were invited, which are theirs to read."""
    sent = Invitation.objects.filter(inviter=person).for_display()
    return Section(
        key="invitations_envoyees",
        rank=14,
        title=_("Invitations envoyées par la personne"),
        purpose=_("Savoir qui a ouvert la porte à qui."),
        ground=_("L’intérêt légitime du pôle à tenir ses droits d’accès (RGPD, art. 6-1-f)."),
        kept=_("Comme les invitations reçues, avec la personne invitée."),
        fate=Fate.NAMELESS,
        afterwards=_(
            "Elles restent sous «\u00a0Personne effacée\u00a0»\u00a0; sans réponse, leurs liens n’ouvrent plus rien."
        ),
        header=[_("Envoyée le"), _("Pour"), _("Structure")],
        rows=[[each.sent_at, each.what, str(each.organisation or "")] for each in sent],
    )


def _drafts(person: Person) -> Section:
    drafts = ImportDraft.objects.filter(owner=person).defer("content").order_by("-created_at", "-pk")
    return Section(
        key="fichiers_a_importer",
        title=_("Fichiers déposés pour un import"),
        purpose=_("Montrer ce que deviendra chaque ligne avant d’importer."),
        ground=_("L’intérêt légitime du pôle (RGPD, art. 6-1-f)."),
        kept=_("Un jour."),
        fate=Fate.ERASED,
        afterwards=_("Les fichiers sont supprimés."),
        header=[_("Fichier"), _("Déposé le"), _("Importé le")],
        rows=[[draft.name, draft.created_at, draft.imported_at] for draft in drafts],
    )


def _requests(person: Person) -> Section:
    asked = ErasureRequest.objects.filter(person=person).order_by("-asked_at", "-pk")
    return Section(
        key="demandes_d_effacement",
        rank=85,
        title=_("Demandes d’effacement"),
        purpose=_("Répondre dans le mois, et pouvoir le montrer."),
        ground=_("L’obligation légale de répondre (RGPD, art. 12 et 17)."),
        kept=_("Avec la fiche, puis sans nom ni réponse."),
        fate=Fate.NAMELESS,
        afterwards=_("Les dates restent, comme preuve que le pôle a répondu."),
        header=[_("Demandé le"), _("À faire avant le"), _("Réglé le"), _("Issue"), _("Réponse")],
        rows=[[each.asked_at, each.due_on, each.settled_at, each.get_outcome_display(), each.answer] for each in asked],
    )


def _merges(person: Person) -> Section:
    merges = Merge.objects.filter(person=person).select_related("person__merged_into").order_by("-merged_at", "-pk")
    return Section(
        key="fiches_fusionnees",
        rank=86,
        title=_("Fiches fusionnées"),
        purpose=_("N’avoir qu’une fiche par personne, et pouvoir défaire une erreur."),
        ground=_("L’intérêt légitime du pôle à des données exactes (RGPD, art. 5-1-d et 6-1-f)."),
        kept=_("Comme les coordonnées."),
        fate=Fate.NAMELESS,
        afterwards=_("Les dates restent\u00a0; les valeurs que les fiches portaient sont vidées."),
        header=[_("Fiche"), _("Fusionnée le"), _("Défaite le")],
        rows=[[str(each), each.merged_at, each.undone_at] for each in merges],
    )


def erase(subject: Subject, now: dt.datetime) -> list[str]:
    """Names, addresses, own values and drafts go; the row and the dates of the roles stay for what points at them."""
    today = timezone.localdate(now)
    _erase_invitations(subject)
    OwnValue.objects.filter(person=subject.person_id).delete()
    papers.erase(subject.person_id)
    Merge.objects.filter(on_sheet("person", subject.person_id)).update(before={}, after={})
    ImportDraft.objects.filter(owner=subject.person_id).delete()
    links = Link.objects.filter(person=subject.person_id)
    links.filter(starts_on__gte=today).delete()
    links.filter(Q(ends_on=None) | Q(ends_on__gt=today)).update(ends_on=today)
    links.update(title="")
    requests = ErasureRequest.objects.filter(person=subject.person_id)
    requests.update(answer="")
    requests.filter(settled_at=None).update(settled_at=now, outcome=RequestOutcome.ERASED)
    given_name, family_name = ERASED_NAME
    Person.objects.filter(pk=subject.person_id).update(
        given_name=given_name,
        family_name=family_name,
        email="",
        phone="",
        user=None,
        last_acted_for=None,
        warned_at=None,
        access_ends_on=None,
        erased_at=now,
    )
    return [_("Les dates des rôles restent, sans le nom.")]


def _erase_invitations(subject: Subject) -> None:
    """Those that went to them; on the others, who withdrew them is named no more."""
    theirs = Q(person=subject.person_id) | Q(email__in=subject.emails)
    if not subject.has_namesake:
        theirs |= Q(given_name__iexact=subject.given_name, family_name__iexact=subject.family_name)
        Invitation.objects.filter(withdrawn_by=subject.name).update(withdrawn_by=ERASED)
    Invitation.objects.filter(theirs).delete()


def keepings() -> list[Keeping]:
    return [
        Keeping(
            key="parties.people",
            title=_("Personnes sans rôle ni accès"),
            reason=_("Reprendre contact avec qui est passé par le pôle."),
            ground=_("trois ans au plus après le dernier contact (CNIL)."),
            outcome=_("personnes effacées"),
            default=36,
            least=6,
            most=36,
            due=_forgotten,
            let_go=_erase_forgotten,
        ),
        Keeping(
            key="parties.accounts",
            title=_("Accès que personne n’utilise"),
            reason=_("Laisser entrer qui ne vient que de loin en loin."),
            ground=_("deux ans sans connexion, puis un mois après un courriel qui prévient (CNIL)."),
            outcome=_("accès fermés"),
            default=24,
            least=6,
            most=24,
            due=_idle_and_warned,
            let_go=_close_accounts,
            warn=_warn_idle,
        ),
        Keeping(
            key="parties.invitations",
            title=_("Invitations restées sans réponse"),
            reason=_("Renvoyer, ou comprendre pourquoi quelqu’un n’est pas venu."),
            ground=_("le temps de relancer\u00a0: l’adresse de qui n’est pas venu ne sert plus ensuite."),
            outcome=_("invitations effacées"),
            fixed=_("trois mois après leur dernier jour"),
        ),
        Keeping(
            key="parties.drafts",
            title=_("Fichiers déposés pour un import"),
            reason=_("Voir ce que deviendra chaque ligne avant d’importer."),
            ground=_("le temps de l’import."),
            outcome=_("fichiers effacés"),
            fixed=_("un jour"),
        ),
    ]


def _forgotten(before: dt.datetime, now: dt.datetime) -> models.QuerySet:
    """No access, role or invitation running or ended since: nobody has had to do with them for all that time."""
    lately = Link.objects.filter(on_sheet("person", OuterRef("pk"))).filter(
        Q(ends_on=None) | Q(ends_on__gt=before.date())
    )
    invited = Invitation.objects.filter(person=OuterRef("pk"), sent_at__gt=before)
    left = Q(access_ends_on__lte=before.date())
    people = Person.objects.known().filter(left | Q(user=None, access_ends_on=None), known_at__lt=before)
    return people.exclude(Exists(lately)).exclude(Exists(invited))


def _erase_forgotten(rows: Sequence[Person], now: dt.datetime) -> int:
    return sum(actions.erase_forgotten(person=person, now=now) for person in rows)


def _idle(since: dt.datetime, now: dt.datetime) -> models.QuerySet:
    """Accounts that nobody has signed in to since then; the team's are looked after by hand."""
    team = StaffRole.objects.live(timezone.localdate(now)).filter(user=OuterRef("user"))
    seen = Coalesce("user__last_login", "user__date_joined")
    people = Person.objects.filter(user__isnull=False).select_related("user").annotate(seen_at=seen)
    return people.filter(seen_at__lt=since).exclude(Exists(team))


def _idle_and_warned(before: dt.datetime, now: dt.datetime) -> models.QuerySet:
    """Those who have been told, and those who could not come in any more: they know already."""
    told = Q(warned_at__lte=now - NOTICE, warned_at__gt=F("seen_at"))
    return _idle(before, now).filter(told | Q(access_ends_on__lte=timezone.localdate(now)))


def _warn_idle(before: dt.datetime, now: dt.datetime) -> int:
    """A month beforehand: signing in takes the notice back."""
    idle = _idle(before + NOTICE, now).let_in(timezone.localdate(now))
    to_warn = idle.filter(Q(warned_at=None) | Q(warned_at__lte=F("seen_at")))
    people = list(to_warn.order_by("pk"))
    for person in people:
        actions.warn_idle(person=person, closes_on=timezone.localdate(now) + NOTICE, now=now)
    return len(people)


def _close_accounts(rows: Sequence[Person], now: dt.datetime) -> int:
    for person in rows:
        actions.close_account(person=person, by=system(current_hub_id()), now=now)
    return len(rows)
