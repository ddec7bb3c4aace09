import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import Card, HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import anyone, person_of_hub
from members.enums import DecidingBody, DuesTreatment, ResignationEffect, Step, StrikeCause, tell_path
from members.rules import keeps_memberships, looks_on, sees_totals

if TYPE_CHECKING:
    from hubs.models import Run
    from hubs.personal import Hindrance, Section, Subject
    from parties.models import Organisation, Person
    from parties.parts import Facet


class MembersConfig(HubAppConfig):
    name = "members"
    verbose_name = _("adhésions")
    switch = "members"
    public_nav = (
        NavItem(_("Annuaire"), "members:directory", "user-group", anyone, rank=40),
        NavItem(_("Nous rejoindre"), "members:apply", "hand-raised", anyone, rank=45),
    )
    mended_texts = (
        "members.Application",
        "members.ApplicationDecision.by",
        "members.Letter.body",
        "members.Resignation.by",
        "members.Resignation.reason",
        "members.StrikeOff.grounds",
        "members.StrikeOff.heard",
        "members.StrikeOff.stop_reason",
    )
    member_nav = (NavItem(_("Adhésions"), "members:totals", "identification", looks_on, rank=70),)
    own_nav = (NavItem(_("Mon adhésion"), "members:my_memberships", "identification", person_of_hub, rank=40),)
    settings_nav = (
        NavItem(_("Collèges"), "members:colleges", "rectangle-group", keeps_memberships, rank=40),
        NavItem(_("Exercices"), "members:years", "calendar", keeps_memberships, rank=45),
        NavItem(_("Barèmes"), "members:dues_scales", "scale", keeps_memberships, rank=47),
        NavItem(_("Départs"), "members:departure_terms", "arrow-right-start-on-rectangle", keeps_memberships, rank=48),
    )
    staff_nav = (
        NavItem(_("Adhésions"), "members:totals", "identification", sees_totals, rank=35),
        NavItem(_("Candidatures"), "members:applications", "inbox", keeps_memberships, rank=36),
        NavItem(_("Départs"), "members:departures", "arrow-right-start-on-rectangle", keeps_memberships, rank=38),
        NavItem(_("Cotisations"), "members:dues", "scale", keeps_memberships, rank=37),
    )
    trail_words = {
        "members.admitted": _("Adhésion"),
        "members.kind_changed": _("Lien avec le pôle changé"),
        "members.left": _("Départ du pôle"),
        "members.applied": _("Candidature reçue"),
        "members.application_completed": _("Candidature complétée"),
        "members.application_withdrawn": _("Candidature retirée"),
        "members.application_asked": _("Complément demandé"),
        "members.application_decided": _("Étape décidée"),
        "members.college_path_set": _("Admission réglée"),
        "members.college_opened": _("Collège ouvert"),
        "members.college_ended": _("Collège terminé"),
        "members.college_replaced": _("Collège remplacé"),
        "members.year_opened": _("Exercice ouvert"),
        "members.renewed": _("Adhésions reconduites"),
        "members.departure_terms_set": _("Règles de départ notées"),
        "members.resigned": _("Démission"),
        "members.resignation_noted": _("Démission prise en note"),
        "members.resignation_withdrawn": _("Démission retirée"),
        "members.strike_opened": _("Mise en demeure"),
        "members.strike_heard": _("Membre entendu"),
        "members.strike_stopped": _("Radiation arrêtée"),
        "members.struck_off": _("Radiation"),
        "members.dues_scale_written": _("Barème de cotisation écrit"),
        "members.dues_scale_adopted": _("Barème de cotisation adopté"),
        "members.dues_terms_set": _("Conditions de cotisation notées"),
    }
    trail_fields = {
        "step": TrailField(_("étape"), label_in(Step), is_context=True),
        "accepted": TrailField(_("acceptée")),
        "path": TrailField(_("parcours d’admission"), tell_path),
        "fiscal_year": TrailField(_("exercice"), is_context=True),
        "left_on": TrailField(_("plus membre à partir du")),
        "cause": TrailField(_("motif"), label_in(StrikeCause)),
        "decided_by": TrailField(_("décidée par"), label_in(DecidingBody)),
        "effect": TrailField(_("prend effet"), label_in(ResignationEffect)),
        "memberships": TrailField(_("adhésions")),
        "brackets": TrailField(_("tranches")),
        "adopted_by": TrailField(_("adopté par")),
        "joined_on": TrailField(_("arrivée le")),
        "treatment": TrailField(_("traitement"), label_in(DuesTreatment)),
    }
    jobs = {
        "members.import_draft": "members.tasks.import_dropped",
        "members.render_letter": "members.tasks.render_letter",
    }
    # All of the file or nothing: what is not begun has written nothing.
    cancellable_jobs = ("members.import_draft",)

    def run_link(self, run: "Run") -> str:
        """The result of an imported file."""
        from parties.models import ImportDraft

        label, _colon, pk = run.about.partition(":")
        if label != ImportDraft._meta.label_lower:
            return ""
        public_id = ImportDraft.objects.filter(pk=pk, purpose="members").values_list("public_id", flat=True).first()
        return reverse("members:import_result", args=[public_id]) if public_id else ""

    def home_cards(self, actor: Actor) -> Sequence[Card]:
        """The members' wall."""
        from members.queries import members_on

        members = list(members_on(timezone.localdate()).by_name().values("name", "website"))
        return [Card("members/home_wall.html", {"members": members}, rank=60)] if members else []

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        """For elected people and observers: the way to the totals."""
        return [Card("members/card_totals.html", {}, rank=20)] if looks_on(actor) else []

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The year that has ended, and the file that its owner has left halfway."""
        from members.todos import applications_waiting, departures_waiting, files_left, year_to_open

        if not keeps_memberships(actor):
            return []
        now = timezone.now()
        today = timezone.localdate(now)
        return [*year_to_open(today), *applications_waiting(), *departures_waiting(today), *files_left(actor, now)]

    def structure_facets(self) -> "Sequence[Facet]":
        """« Lien », in the list of structures."""
        from members.enums import MemberKind
        from members.queries import narrow_to_kind, tell_kinds
        from parties.parts import Facet

        today = timezone.localdate()
        return [
            Facet(
                key="lien",
                label=_("Lien"),
                choices=[*MemberKind.choices, ("external", _("non membre"))],
                narrow=lambda queryset, kind: narrow_to_kind(queryset, kind, today),
                tell=lambda pks: tell_kinds(pks, today),
            )
        ]

    def structure_cards(self, organisation: "Organisation", actor: Actor) -> Sequence[Card]:
        """Its memberships, gap years visible, and what the coordination does about them."""
        context = {
            **self._departures(organisation, keeps_memberships(actor)),
            "admit_url": reverse("members:admit", args=[organisation.public_id]),
            "resign_url": reverse("members:resign_structure", args=[organisation.public_id]),
            "strike_url": reverse("members:strike_structure", args=[organisation.public_id]),
            "no_membership": _("Cette structure n’est pas membre du pôle."),
        }
        return [Card("members/member_card.html", context, rank=20)]

    def _departures(self, member: "Organisation | Person", may_keep: bool) -> dict[str, Any]:
        """The years of a member, and for those who keep the memberships how it leaves and what was written to it."""
        from members import queries

        today = timezone.localdate()
        context: dict[str, Any] = {
            "today": today,
            "history": queries.history_of(member, today),
            "may_keep": may_keep,
        }
        if not may_keep or not context["history"]:
            return context
        return context | {
            "membership": queries.membership_on(member, today),
            "resignation": queries.resignation_of(member, today),
            "strike_off": queries.strike_off_of(member),
            "letters": queries.letters_of(member)[:10],
        }

    def person_cards(self, person: "Person", actor: Actor) -> Sequence[Card]:
        """The memberships in their own name; nothing for those who neither have one nor may be given one."""
        from members.models import College

        context = self._departures(person, keeps_memberships(actor) and person.erased_at is None)
        colleges = College.objects.live(timezone.localdate())
        if not context["history"] and not colleges.filter(takes_people=True).exists():
            return []
        context |= {
            "admit_url": reverse("members:admit_person", args=[person.public_id]),
            "resign_url": reverse("members:resign_person", args=[person.public_id]),
            "strike_url": reverse("members:strike_person", args=[person.public_id]),
            "no_membership": _("Cette personne n’est pas membre du pôle en son nom."),
        }
        return [Card("members/member_card.html", context, rank=20)]

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """The applications and the letters, for those who keep the memberships."""
        from members.queries import letters_named, things_named

        if not keeps_memberships(actor):
            return {}
        return things_named(names) | letters_named(names, timezone.localdate())

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from members import personal

        return personal.personal_data(subject)

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        """An application in flight waits for an answer."""
        from members import personal

        return personal.hindrances(subject)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from members import personal

        return personal.erase(subject, now)

    def furnish(self, preset: str, today: dt.date) -> None:
        """The preset's colleges, and the calendar years of today and before."""
        from hubs.actors import system
        from hubs.scope import current_hub_id
        from members.actions import open_college, open_fiscal_year
        from members.presets import COLLEGES

        by = system(current_hub_id())
        last_year = dt.date(today.year - 1, 1, 1)
        for rank, name in enumerate(COLLEGES[preset], start=1):
            open_college(name=name, rank=rank, starts_on=last_year, by=by)
        for year in (today.year - 1, today.year):
            open_fiscal_year(label=str(year), starts_on=dt.date(year, 1, 1), ends_on=dt.date(year + 1, 1, 1), by=by)

    def demo(self, preset: str, today: dt.date) -> None:
        """The members of the seeds, their figures, and the demo accounts."""
        from members import demo

        demo.fill(preset, today)

    def settle_demo(self, today: dt.date) -> None:
        """Applications in flight, a person who is a member in their own name, the scales of dues, and departures."""
        from members import demo_applications, demo_departures, demo_dues

        demo_applications.fill(today)
        demo_dues.fill(today)
        demo_departures.fill(today)
