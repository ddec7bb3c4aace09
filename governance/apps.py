import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.enums import Choice, Outcome, PollAdvice
from governance.rules import keeps_desk, runs_assemblies
from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import person_of_hub

if TYPE_CHECKING:
    from hubs.personal import Section, Subject


class GovernanceConfig(HubAppConfig):
    name = "governance"
    verbose_name = _("assemblées")
    member_nav = (NavItem(_("Assemblées"), "governance:my_assemblies", "hand-raised", person_of_hub, rank=75),)
    staff_nav = (NavItem(_("Assemblées"), "governance:assemblies", "hand-raised", keeps_desk, rank=36),)
    settings_nav = (NavItem(_("Poids des collèges"), "governance:voices", "scale", runs_assemblies, rank=48),)
    trail_words = {
        "governance.prepared": _("Assemblée préparée"),
        "governance.roll_drawn": _("Liste électorale établie"),
        "governance.moved": _("Assemblée avancée"),
        "governance.proxy_given": _("Pouvoir donné"),
        "governance.proxy_revoked": _("Pouvoir révoqué"),
        "governance.arrived": _("Arrivée à l’assemblée"),
        "governance.arrival_undone": _("Arrivée annulée"),
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
        "governance.poll_asked": _("Consultation ouverte"),
        "governance.poll_answered": _("Avis donné"),
        "governance.poll_decided": _("Consultation décidée"),
    }
    trail_fields = {
        "memberships": TrailField(_("adhésions")),
        "weights": TrailField(_("poids")),
        "choice": TrailField(_("vote"), label_in(Choice)),
        "advice": TrailField(_("avis"), label_in(PollAdvice)),
        "outcome": TrailField(_("résultat"), label_in(Outcome)),
    }

    jobs = {"governance.render_minutes": "governance.tasks_votes.render_minutes"}
    mended_texts = (
        "governance.Minutes",
        "governance.Decision.who",
        "governance.PollAnswer.reason",
    )

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """Decisions to carry out, consultations to decide."""
        from governance import todos_votes

        if not runs_assemblies(actor):
            return []
        now = timezone.now()
        return [*todos_votes.decisions_due(timezone.localdate(now)), *todos_votes.polls_over(now)]

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """Resolutions, minutes and decisions, for those who run assemblies."""
        from governance.queries.things_votes import things_named

        return things_named(names) if runs_assemblies(actor) else {}

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from governance import personal_votes

        return personal_votes.personal_data(subject)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from governance import personal_votes

        return personal_votes.erase(subject)

    def settle_demo(self, today: dt.date) -> None:
        """An assembly in three weeks, and one held last spring."""
        from governance import demo, demo_votes

        demo.fill(today)
        demo_votes.fill(today)
