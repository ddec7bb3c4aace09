import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.enums import ContestKind
from governance.rules import keeps_desk, runs_assemblies
from hubs.actors import Actor
from hubs.parts import HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import person_of_hub

if TYPE_CHECKING:
    from hubs.personal import Hindrance, Section, Subject


class GovernanceConfig(HubAppConfig):
    name = "governance"
    verbose_name = _("assemblées")
    switch = "governance"
    member_nav = (NavItem(_("Assemblées"), "governance:my_assemblies", "hand-raised", person_of_hub, rank=75),)
    staff_nav = (NavItem(_("Assemblées"), "governance:assemblies", "hand-raised", keeps_desk, rank=36),)
    settings_nav = (NavItem(_("Règles d’assemblée"), "governance:statutes", "scale", runs_assemblies, rank=48),)
    jobs = {"governance.render_notice": "governance.tasks.render_notice"}
    mended_texts = (
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
    }
    trail_fields = {
        "memberships": TrailField(_("adhésions")),
        "changed": TrailField(_("lignes changées")),
        "agenda": TrailField(_("ordre du jour")),
        "kind": TrailField(_("ce qui est contesté"), label_in(ContestKind)),
        "holder": TrailField(_("reçu par")),
        "giver": TrailField(_("donné par")),
    }

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The assembly to convene, the one that comes, and the contests to answer."""
        from governance.todos import todos_before

        return todos_before(timezone.now()) if runs_assemblies(actor) else []

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """Assemblies, notices, proxies and contests, for those who prepare them."""
        from governance.queries import things_named

        return things_named(names) if runs_assemblies(actor) else {}

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from governance import personal

        return personal.personal_data(subject)

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        """An assembly convened and not yet closed counts on its voters."""
        from governance import personal

        return personal.hindrances(subject, now)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from governance import personal

        return personal.erase(subject, now)

    def settle_demo(self, today: dt.date) -> None:
        """An assembly in three weeks."""
        from governance import demo

        demo.fill(today)
