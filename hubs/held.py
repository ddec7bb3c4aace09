"""What the ground holds about a person, what keeps them here, and for how long each kind is kept."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from hubs.devices import name_of
from hubs.enums import FactorKind, ItemState, MailState, Role
from hubs.models import AuditEntry, Leave, Mail, Reading, Run, RunItem, Session, StaffRole, TodoClaim, User
from hubs.parts import trail_words
from hubs.personal import ERASURE, Fate, Hindrance, Keeping, Section, Subject
from hubs.scope import current_hub_id


def personal_data(subject: Subject) -> list[Section]:
    return [
        *_account(subject),
        *_roles(subject),
        *_claims(subject),
        *_leaves(subject),
        _mails(subject),
        _done_by(subject),
        _told_of(subject),
        _readings(subject),
    ]


def _account(subject: Subject) -> list[Section]:
    user = User.objects.filter(pk=subject.user_id).first() if subject.user_id is not None else None
    if user is None:
        return []
    sessions = Session.objects.filter(hub=current_hub_id(), user=user).order_by("-seen_at", "pk")
    factors = Authenticator.objects.filter(user=user).order_by("created_at", "pk")
    return [
        Section(
            key="compte_de_connexion",
            rank=20,
            title=_("Compte de connexion"),
            purpose=_("Laisser entrer la bonne personne, et personne d’autre à sa place."),
            ground=_("Le service demandé (RGPD, art. 6-1-b)."),
            kept=_("Deux ans après la dernière connexion, sauf autre durée choisie par le pôle."),
            fate=Fate.ERASED,
            afterwards=_("Le compte est supprimé s’il ne sert dans aucun autre pôle."),
            header=[_("Adresse"), _("Ouvert le"), _("Dernière connexion"), _("Mot de passe choisi")],
            rows=[[user.email, user.date_joined, user.last_login, user.has_usable_password()]],
        ),
        Section(
            key="secondes_etapes",
            rank=21,
            title=_("Seconde étape et clés d’accès"),
            purpose=_("Protéger le compte même si le mot de passe ou la messagerie sont perdus."),
            ground=_("La sécurité des données (RGPD, art. 32)."),
            kept=_("Tant que la personne les garde, au plus longtemps avec le compte."),
            fate=Fate.ERASED,
            afterwards=_("Elles partent avec le compte\u00a0; les clés d’accès de ce pôle, dans tous les cas."),
            header=[_("Quoi"), _("Ajoutée le"), _("Servie le")],
            rows=[[_factor(each), each.created_at, each.last_used_at] for each in factors],
        ),
        Section(
            key="sessions",
            rank=22,
            title=_("Appareils connectés"),
            purpose=_("Ne pas redemander à chaque page qui l’on est."),
            ground=_("Le service demandé (RGPD, art. 6-1-b)."),
            kept=_("Trente jours après la connexion."),
            fate=Fate.ERASED,
            afterwards=_("Toutes les sessions sont fermées."),
            header=[_("Appareil"), _("Depuis le"), _("Vu le"), _("Se ferme le")],
            rows=[[name_of(each.agent), each.began_at, each.seen_at, each.expire_date] for each in sessions],
        ),
    ]


def _factor(factor: Authenticator) -> str:
    kind = FactorKind(factor.type)
    return f"{kind.label}, {factor}" if kind == FactorKind.WEBAUTHN else str(kind.label)


def _roles(subject: Subject) -> list[Section]:
    roles = StaffRole.objects.filter(user=subject.user_id).order_by("starts_on", "pk") if subject.user_id else []
    return [
        Section(
            key="roles_dans_l_equipe",
            rank=15,
            title=_("Rôles dans l’équipe"),
            purpose=_("Savoir qui peut faire quoi pour le pôle, et depuis quand."),
            ground=_("L’intérêt légitime du pôle à tenir ses droits d’accès (RGPD, art. 6-1-f)."),
            kept=_("Tant que la personne est connue du pôle."),
            fate=Fate.ERASED,
            afterwards=_("Les rôles sont supprimés\u00a0; le journal garde qu’ils ont été donnés, sans le nom."),
            header=[_("Rôle"), _("Depuis le"), _("Dernier jour")],
            rows=[[role.get_role_display(), role.starts_on, role.last_day] for role in roles],
        )
    ]


def _leaves(subject: Subject) -> list[Section]:
    """Nothing for those who are not of the team."""
    if subject.user_id is None:
        return []
    leaves = Leave.objects.filter(Q(user=subject.user_id) | Q(colleague=subject.user_id)).order_by("-starts_on", "pk")
    if not leaves and not StaffRole.objects.filter(user=subject.user_id).exists():
        return []
    return [
        Section(
            key="absences",
            rank=17,
            title=_("Absences et relais"),
            purpose=_("Savoir qui est là, et à qui passer ce qui attend."),
            ground=_("L’intérêt légitime du pôle à son organisation (RGPD, art. 6-1-f)."),
            kept=_("Tant que la personne est de l’équipe."),
            fate=Fate.ERASED,
            afterwards=_("Ses absences sont supprimées\u00a0; celles des autres ne la nomment plus."),
            header=[_("Qui s’absente"), _("Du"), _("Dernier jour"), _("Relais")],
            rows=[
                # Of a colleague's leave, the days that one stood in for; the colleague's name is theirs.
                [
                    _("vous") if leave.user_id == subject.user_id else _("un·e collègue"),
                    leave.starts_on,
                    leave.last_day,
                    leave.colleague_name,
                ]
                for leave in leaves
            ],
        )
    ]


def _claims(subject: Subject) -> list[Section]:
    claims = TodoClaim.objects.filter(user=subject.user_id).order_by("-since", "pk") if subject.user_id else []
    return [
        Section(
            key="lignes_prises",
            rank=16,
            title=_("Ce dont la personne s’occupe"),
            purpose=_("Dire à l’équipe qui s’occupe de quoi."),
            ground=_("L’intérêt légitime du pôle à son organisation (RGPD, art. 6-1-f)."),
            kept=_("Jusqu’à ce que ce soit fait."),
            fate=Fate.ERASED,
            afterwards=_("Les lignes sont rendues à l’équipe."),
            header=[_("Depuis le"), _("Ligne d’à faire")],
            rows=[[claim.since, claim.key] for claim in claims],
        )
    ]


def mails_to(subject: Subject) -> list[Mail]:
    """Messages sent or to be sent to this person."""
    theirs = Q()
    for email in subject.emails:
        theirs |= Q(_to__icontains=email)
    if not theirs:
        return []
    found = Mail.objects.annotate(_to=Cast("to", TextField())).filter(theirs).order_by("-queued_at", "-pk")
    return [mail for mail in found if any(address.lower() in subject.emails for address in mail.to)]


def _mails(subject: Subject) -> Section:
    return Section(
        key="courriels",
        title=_("Courriels envoyés"),
        purpose=_("Répondre, et vérifier qu’un message est bien parti."),
        ground=_("Le service demandé (RGPD, art. 6-1-b)."),
        kept=_("Un an, sauf autre durée choisie par le pôle\u00a0; la ligne reste ensuite, sans le texte."),
        fate=Fate.NAMELESS,
        afterwards=_("Texte et adresse sont vidés, la date de l’envoi reste."),
        header=[_("Demandé le"), _("Objet"), _("État"), _("Texte")],
        # A code or a link that opens the portal is shown to nobody, not even to whoever it was sent.
        rows=[
            [mail.queued_at, mail.shown_subject, mail.get_state_display(), "" if mail.is_secret else mail.text]
            for mail in mails_to(subject)
        ],
        columns=3,
    )


def _done_by(subject: Subject) -> Section:
    entries = AuditEntry.objects.filter(user_id=subject.user_id).order_by("-at", "-pk") if subject.user_id else ()
    return Section(
        key="journal_de_ses_actions",
        rank=81,
        title=_("Ce que la personne a fait"),
        purpose=_("Retrouver qui a décidé quoi, et réparer une erreur."),
        ground=_("L’intérêt légitime du pôle à la preuve (RGPD, art. 6-1-f)."),
        kept=_("Un an, sauf autre durée choisie par le pôle."),
        fate=Fate.NAMELESS,
        afterwards=_("L’action reste au journal sous «\u00a0Personne effacée\u00a0»."),
        header=[_("Le"), _("Quoi"), _("Sur")],
        rows=_told(entries, lambda entry: entry.label),
    )


def _told_of(subject: Subject) -> Section:
    about = Q(thing__in=subject.things) | Q(concerns__in=subject.things)
    entries = AuditEntry.objects.filter(about).order_by("-at", "-pk")
    return Section(
        key="journal_de_sa_fiche",
        rank=80,
        title=_("Ce qui a été fait de sa fiche"),
        purpose=_("Savoir qui a changé des coordonnées ou des droits."),
        ground=_("L’intérêt légitime du pôle à la preuve (RGPD, art. 6-1-f)."),
        kept=_("Un an, sauf autre durée choisie par le pôle."),
        fate=Fate.NAMELESS,
        afterwards=_("L’action reste au journal, sans les valeurs ni le nom."),
        header=[_("Le"), _("Quoi"), _("Par")],
        rows=_told(entries, lambda entry: entry.who),
    )


def _told(entries: Any, last: Any) -> list[list[Any]]:
    words = trail_words()
    return [[entry.at, str(words.get(entry.verb, entry.verb)), last(entry)] for entry in entries]


def _readings(subject: Subject) -> Section:
    looks = Reading.objects.filter(thing=subject.thing).order_by("-day", "-pk")
    words = trail_words()
    return Section(
        key="qui_a_consulte",
        rank=90,
        title=_("Qui a consulté ces données"),
        purpose=_("Dire à chacun qui, dans l’équipe, a ouvert ou exporté ses données."),
        ground=_("La sécurité des données (RGPD, art. 32)."),
        kept=_("Un an, sauf autre durée choisie par le pôle."),
        fate=Fate.NAMELESS,
        afterwards=_("Les dates restent, et ne mènent plus à un nom."),
        header=[_("Le"), _("Qui"), _("Quoi"), _("Fois")],
        rows=[[look.day, look.who, str(words.get(look.what, look.what)), look.count] for look in looks],
    )


def hindrances(subject: Subject, now: dt.datetime) -> list[Hindrance]:
    """The last coordinator: nobody could open the hub's settings any more."""
    if subject.user_id is None:
        return []
    running = StaffRole.objects.live(timezone.localdate(now)).filter(role=Role.COORDINATOR)
    staying = running.filter(ends_on=None).exclude(user=subject.user_id)
    if running.filter(user=subject.user_id).exists() and not staying.exists():
        return [Hindrance(_("C’est la dernière personne à la coordination\u00a0: donnez d’abord ce rôle à une autre."))]
    return []


def keepings() -> list[Keeping]:
    return [
        Keeping(
            key="hubs.sessions",
            title=_("Sessions de connexion"),
            reason=_("Ne pas redemander à chaque page qui l’on est."),
            ground=_("durée du cookie de connexion."),
            outcome=_("sessions effacées"),
            fixed=_("trente jours après la connexion"),
        ),
        Keeping(
            key="hubs.tallies",
            title=_("Comptes des essais de connexion"),
            reason=_("Arrêter qui devine un mot de passe ou un code. Ni adresse ni nom n’y sont lisibles."),
            ground=_("la sécurité des données (RGPD, art. 32)."),
            outcome=_("comptes effacés"),
            fixed=_("quelques minutes\u00a0; la nuit efface ceux qui restent"),
        ),
        Keeping(
            key="hubs.mails",
            title=_("Texte des courriels envoyés"),
            reason=_("Relire ce qui a été écrit quand on nous répond."),
            ground=_("le temps de l’échange, trois ans au plus après le dernier contact."),
            outcome=_("courriels vidés"),
            default=12,
            least=1,
            most=36,
            due=_mails_due,
            let_go=_empty_mails,
        ),
        Keeping(
            key="hubs.log",
            title=_("Journal de ce que fait chacun"),
            reason=_("Retrouver qui a décidé quoi, et réparer une erreur."),
            ground=_("six mois à un an, trois ans au plus quand le journal sert de preuve (CNIL)."),
            outcome=_("lignes effacées"),
            default=12,
            least=6,
            most=36,
            due=lambda before, now: AuditEntry.objects.filter(at__lt=before).exclude(verb=ERASURE),
            let_go=_delete,
        ),
        Keeping(
            key="hubs.readings",
            title=_("Qui a consulté les données de qui"),
            reason=_("Dire à chacun qui a ouvert ses données."),
            ground=_("six mois à un an, trois ans au plus quand le journal sert de preuve (CNIL)."),
            outcome=_("lignes effacées"),
            default=12,
            least=6,
            most=36,
            due=lambda before, now: Reading.objects.filter(day__lt=before.date()),
            let_go=_delete,
        ),
        Keeping(
            key="hubs.runs",
            title=_("Travaux terminés"),
            reason=_("Voir ce qui a été fait, et refaire ce qui a échoué."),
            ground=_("trois ans au plus\u00a0: passé ce temps, ils ne servent plus."),
            outcome=_("travaux effacés"),
            default=12,
            least=1,
            most=36,
            due=_runs_due,
            let_go=_delete,
        ),
    ]


def _mails_due(before: dt.datetime, now: dt.datetime) -> models.QuerySet:
    return Mail.objects.filter(emptied_at=None, queued_at__lt=before).exclude(
        state__in=[MailState.QUEUED, MailState.SENDING]
    )


def _empty_mails(rows: Sequence[Mail], now: dt.datetime) -> int:
    """The row stays, and says that a message left on that day for that address."""
    return Mail.objects.filter(pk__in=[mail.pk for mail in rows]).update(
        text="", html="", attachments=[], emptied_at=now
    )


def _runs_due(before: dt.datetime, now: dt.datetime) -> models.QuerySet:
    """Runs with nothing left to do, and to which no row points: the close of a month keeps its own."""
    due = Run.objects.filter(started_at__lt=before).exclude(items__state=ItemState.TODO)
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is Run and model is not RunItem:
                due = due.exclude(Exists(model._default_manager.filter(**{field.name: OuterRef("pk")})))
    return due


def _delete(rows: Sequence[models.Model], now: dt.datetime) -> int:
    type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
