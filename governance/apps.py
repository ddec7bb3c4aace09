import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.enums import Choice, ContestKind, Outcome, PollAdvice
from governance.rules import keeps_desk, runs_assemblies
from hubs.actors import Actor
from hubs.parts import Card, HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import person_of_hub
from members.rules import looks_on

if TYPE_CHECKING:
    from hubs.personal import Hindrance, Section, Subject
    from members.parts import CertificateKind
    from parties.parts import Held


class GovernanceConfig(HubAppConfig):
    name = "governance"
    verbose_name = _("assemblées")
    switch = "governance"
    member_nav = (
        NavItem(_("Réunions"), "governance:my_meetings", "calendar-days", looks_on, rank=72),
        NavItem(_("Assemblées"), "governance:my_assemblies", "hand-raised", person_of_hub, rank=75),
    )
    staff_nav = (NavItem(_("Assemblées"), "governance:assemblies", "hand-raised", keeps_desk, rank=36),)
    settings_nav = (
        NavItem(
            _("Règles d’assemblée"), "governance:statutes", "scale", runs_assemblies, rank=48, group=_("Les assemblées")
        ),
        NavItem(
            _("Poids des collèges"), "governance:voices", "scale", runs_assemblies, rank=49, group=_("Les assemblées")
        ),
    )
    jobs = {
        "governance.render_minutes": "governance.tasks_votes.render_minutes",
        "governance.render_notice": "governance.tasks.render_notice",
    }
    mended_texts = (
        "governance.Minutes",
        "governance.Decision.who",
        "governance.Invitee",
        "governance.PollAnswer.reason",
        "governance.RollEntry.name",
        "governance.Proxy.brought_by",
        "governance.RollContest.words",
    )
    trail_words = {
        "governance.statutes_adopted": _("Règles d’assemblée notées"),
        "governance.prepared": _("Assemblée préparée"),
        "governance.changed": _("Assemblée changée"),
        "governance.agenda_set": _("Ordre du jour noté"),
        "governance.paper_added": _("Pièce jointe à l’assemblée"),
        "governance.paper_removed": _("Pièce retirée"),
        "governance.convened": _("Assemblée convoquée"),
        "governance.called_off": _("Assemblée annulée"),
        "governance.members_called": _("Convocations envoyées"),
        "governance.notice_handed": _("Convocation remise"),
        "governance.roll_drawn": _("Liste électorale établie"),
        "governance.roll_contested": _("Liste électorale contestée"),
        "governance.contest_answered": _("Contestation répondue"),
        "governance.moved": _("Assemblée avancée"),
        "governance.proxy_given": _("Pouvoir donné"),
        "governance.proxy_revoked": _("Pouvoir révoqué"),
        "governance.arrived": _("Arrivée à l’assemblée"),
        "governance.arrival_undone": _("Arrivée annulée"),
        "governance.left": _("Départ de l’assemblée"),
        "governance.voices_set": _("Poids des collèges réglés"),
        "governance.weight_set": _("Voix d’un membre notées"),
        "governance.resolution_written": _("Résolution écrite"),
        "governance.resolution_changed": _("Résolution corrigée"),
        "governance.resolution_dropped": _("Résolution retirée"),
        "governance.resolution_raised": _("Résolution remontée"),
        "governance.vote_opened": _("Vote ouvert"),
        "governance.vote_closed": _("Vote clos"),
        "governance.hands_counted": _("Mains levées comptées"),
        "governance.voted": _("A voté"),
        "governance.result_published": _("Résultat proclamé"),
        "governance.decided": _("Décision prise"),
        "governance.decision_entrusted": _("Décision confiée"),
        "governance.decision_done": _("Décision faite"),
        "governance.minutes_written": _("Procès-verbal écrit"),
        "governance.minutes_published": _("Procès-verbal publié"),
        "governance.meeting_prepared": _("Réunion préparée"),
        "governance.meeting_changed": _("Réunion changée"),
        "governance.meeting_called": _("Invitations envoyées"),
        "governance.meeting_called_off": _("Réunion annulée"),
        "governance.meeting_attended": _("Présences notées"),
        "governance.meeting_paper_added": _("Pièce jointe à la réunion"),
        "governance.meeting_paper_removed": _("Pièce retirée de la réunion"),
        "governance.invitee_added": _("Personne ajoutée à la réunion"),
        "governance.invitee_removed": _("Personne retirée de la réunion"),
        "governance.report_written": _("Compte rendu écrit"),
        "governance.report_published": _("Compte rendu publié"),
        "governance.poll_asked": _("Consultation ouverte"),
        "governance.poll_answered": _("Avis donné"),
        "governance.poll_decided": _("Consultation décidée"),
    }
    trail_fields = {
        "memberships": TrailField(_("adhésions")),
        "changed": TrailField(_("lignes changées")),
        "agenda": TrailField(_("ordre du jour")),
        "invited": TrailField(_("personnes invitées")),
        "present": TrailField(_("personnes présentes")),
        "kind": TrailField(_("ce qui est contesté"), label_in(ContestKind)),
        "holder": TrailField(_("reçu par")),
        "giver": TrailField(_("donné par")),
        "weights": TrailField(_("poids")),
        "choice": TrailField(_("vote"), label_in(Choice)),
        "advice": TrailField(_("avis"), label_in(PollAdvice)),
        "outcome": TrailField(_("résultat"), label_in(Outcome)),
    }

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        """What the member is called to and the way to vote; for elected people and observers, their next meeting."""
        from governance.queries import calls_of, meetings_of

        cards = []
        if called := list(calls_of(actor, timezone.localdate())):
            cards.append(Card("governance/my_card.html", {"assemblies": called}, rank=3))
        if looks_on(actor):
            coming = meetings_of(actor).filter(called_off_at=None, starts_at__gt=timezone.now())
            if found := coming.order_by("starts_at", "pk").first():
                cards.append(Card("governance/card_meeting.html", {"meeting": found}, rank=15))
        return cards

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """What to convene or invite to, the contests to answer; decisions and polls that wait."""
        from governance import todos, todos_meetings, todos_votes

        if not runs_assemblies(actor):
            return []
        now = timezone.now()
        due = todos_votes.decisions_due(timezone.localdate(now))
        return [*todos.todos_before(now), *todos_meetings.meetings_waiting(now), *due, *todos_votes.polls_over(now)]

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """Assemblies, meetings and what belongs to them, for those who prepare them."""
        from governance.queries import meetings_named, things_named, votes_named

        if not runs_assemblies(actor):
            return {}
        return {**things_named(names), **meetings_named(names), **votes_named(names)}

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from governance import personal, personal_meetings, personal_votes

        return [
            *personal.personal_data(subject),
            *personal_meetings.personal_data(subject),
            *personal_votes.personal_data(subject),
        ]

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        """An assembly convened and not yet closed counts on its voters."""
        from governance import personal

        return personal.hindrances(subject, now)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from governance import personal, personal_meetings, personal_votes

        return [*personal.erase(subject, now), *personal_meetings.erase(subject), *personal_votes.erase(subject)]

    def held_of_structures(self) -> "Sequence[Held]":
        """The electoral roll."""
        from governance.held import HELD

        return HELD

    def certificates(self) -> "Sequence[CertificateKind]":
        """The assemblies of a year that the member took part in."""
        from governance.certificates import KINDS

        return KINDS

    def settle_demo(self, today: dt.date) -> None:
        """An assembly in three weeks, and one held last spring; a steering committee held, and one to come."""
        from governance import demo, demo_meetings, demo_votes

        demo.fill(today)
        demo_votes.fill(today)
        demo_meetings.fill(today)
