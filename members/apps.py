import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import Card, HubAppConfig, NavItem, Thing, Todo, TrailField, label_in
from hubs.rules import anyone
from members.enums import DuesTreatment, Step, tell_path
from members.rules import follows_arrivals, keeps_memberships, looks_on, sees_totals

if TYPE_CHECKING:
    from hubs.models import HubClosure, Run
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
    mended_texts = ("members.Application", "members.ApplicationDecision.by", "members.ChecklistItem.done_by")
    member_nav = (NavItem(_("Adhésions"), "members:totals", "identification", looks_on, rank=70),)
    settings_nav = (
        NavItem(_("Collèges"), "members:colleges", "rectangle-group", keeps_memberships, rank=40),
        NavItem(_("Exercices"), "members:years", "calendar", keeps_memberships, rank=45),
        NavItem(_("Barèmes"), "members:dues_scales", "scale", keeps_memberships, rank=47),
        NavItem(_("Arrivées"), "members:arrival_settings", "clipboard-document-check", keeps_memberships, rank=48),
    )
    staff_nav = (
        NavItem(_("Adhésions"), "members:totals", "identification", sees_totals, rank=35),
        NavItem(_("Candidatures"), "members:applications", "inbox", keeps_memberships, rank=36),
        NavItem(_("Cotisations"), "members:dues", "scale", keeps_memberships, rank=37),
        NavItem(_("Arrivées"), "members:checklists", "clipboard-document-check", follows_arrivals, rank=38),
    )
    trail_words = {
        "members.charter_written": _("Charte écrite"),
        "members.charter_accepted": _("Charte acceptée"),
        "members.list_written": _("Liste d’arrivée écrite"),
        "members.list_changed": _("Liste d’arrivée modifiée"),
        "members.list_begun": _("Liste commencée"),
        "members.step_done": _("Étape faite"),
        "members.step_waived": _("Étape sans objet"),
        "members.step_undone": _("Étape remise à faire"),
        "members.step_planned": _("Étape prévue"),
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
        "members.dues_scale_written": _("Barème de cotisation écrit"),
        "members.dues_scale_adopted": _("Barème de cotisation adopté"),
        "members.dues_terms_set": _("Conditions de cotisation notées"),
    }
    trail_fields = {
        "step": TrailField(_("étape"), label_in(Step), is_context=True),
        "accepted": TrailField(_("acceptée")),
        "version": TrailField(_("version"), is_context=True),
        "path": TrailField(_("parcours d’admission"), tell_path),
        "fiscal_year": TrailField(_("exercice"), is_context=True),
        "left_on": TrailField(_("plus membre à partir du")),
        "memberships": TrailField(_("adhésions")),
        "brackets": TrailField(_("tranches")),
        "adopted_by": TrailField(_("adopté par")),
        "joined_on": TrailField(_("arrivée le")),
        "treatment": TrailField(_("traitement"), label_in(DuesTreatment)),
    }
    jobs = {"members.import_draft": "members.tasks.import_dropped"}
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
        """The list of a structure that arrives or leaves; for elected people and observers, the way to the totals."""
        from members.queries import lists_to_show
        from parties.rules import workplaces

        cards = [Card("members/card_totals.html", {}, rank=20)] if looks_on(actor) else []
        mine = workplaces(actor)
        lists = lists_to_show(mine, timezone.localdate()) if mine else []
        if running := [each for each in lists if each.closed_on is None]:
            cards.append(Card("members/my_arrival_card.html", {"lists": running}, rank=5))
        return cards

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The lists with late steps, the year that has ended, and the file that its owner has left halfway."""
        from members.todos import applications_waiting, files_left, late_lists, year_to_open

        now = timezone.now()
        late = late_lists(timezone.localdate(now)) if follows_arrivals(actor) else []
        if not keeps_memberships(actor):
            return late
        return [*late, *year_to_open(timezone.localdate(now)), *applications_waiting(), *files_left(actor, now)]

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
        from members.queries import memberships_by_year

        context = {
            "years": memberships_by_year(organisation, timezone.localdate()),
            "may_keep": keeps_memberships(actor),
            "admit_url": reverse("members:admit", args=[organisation.public_id]),
            "no_membership": _("Cette structure n’est pas membre du pôle."),
        }
        return [Card("members/member_card.html", context, rank=20), *self._list_card(organisation, actor)]

    def _list_card(self, organisation: "Organisation", actor: Actor) -> Sequence[Card]:
        """Its lists of arrival and departure; nothing for those who neither have one nor may begin one."""
        from members.queries import lists_of

        if not (follows_arrivals(actor) or actor.acts_for(organisation.pk)):
            return []
        lists = list(lists_of(organisation, timezone.localdate()))
        may_keep = keeps_memberships(actor)
        if not lists and not may_keep:
            return []
        context = {
            "lists": lists,
            "is_theirs": not follows_arrivals(actor),
            "may_keep": may_keep,
            "begin_url": reverse("members:checklist_begin", args=[organisation.public_id]),
        }
        return [Card("members/checklist_card.html", context, rank=21)]

    def person_cards(self, person: "Person", actor: Actor) -> Sequence[Card]:
        """The memberships in their own name; nothing for those who neither have one nor may be given one."""
        from members.models import College
        from members.queries import memberships_by_year

        today = timezone.localdate()
        years = memberships_by_year(person, today)
        if not years and not College.objects.live(today).filter(takes_people=True).exists():
            return []
        context = {
            "years": years,
            "may_keep": keeps_memberships(actor) and person.erased_at is None,
            "admit_url": reverse("members:admit_person", args=[person.public_id]),
            "no_membership": _("Cette personne n’est pas membre du pôle en son nom."),
        }
        return [Card("members/member_card.html", context, rank=20)]

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """The applications, for those who keep the memberships; the lists of arrival, for those who tick them."""
        from members.queries import checklists_named, things_named

        found = dict(things_named(names)) if keeps_memberships(actor) else {}
        return found | (checklists_named(names) if follows_arrivals(actor) else {})

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from members import personal

        return personal.personal_data(subject)

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        """An application in flight waits for an answer."""
        from members import personal

        return personal.hindrances(subject)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from members import personal

        return personal.erase(subject)

    def move_over(self, closure: "HubClosure") -> int:
        """The steps of arrival and departure that nobody has done yet."""
        from members.models import ChecklistItem

        undone = ChecklistItem.objects.filter(done_on=None, due_on__gte=closure.starts_on, due_on__lt=closure.ends_on)
        return undone.update(due_on=closure.ends_on)

    def furnish(self, preset: str, today: dt.date) -> None:
        """The preset's colleges, the calendar years of today and before, and a list of arrival."""
        from hubs.actors import system
        from hubs.scope import current_hub_id
        from members.actions import open_college, open_fiscal_year, write_first_list
        from members.presets import COLLEGES

        by = system(current_hub_id())
        last_year = dt.date(today.year - 1, 1, 1)
        for rank, name in enumerate(COLLEGES[preset], start=1):
            open_college(name=name, rank=rank, starts_on=last_year, by=by)
        for year in (today.year - 1, today.year):
            open_fiscal_year(label=str(year), starts_on=dt.date(year, 1, 1), ends_on=dt.date(year + 1, 1, 1), by=by)
        write_first_list(by=by, now=timezone.make_aware(dt.datetime.combine(today, dt.time())))

    def demo(self, preset: str, today: dt.date) -> None:
        """The members of the seeds, their figures, and the demo accounts."""
        from members import demo

        demo.fill(preset, today)

    def settle_demo(self, today: dt.date) -> None:
        """Applications in flight, a person who is a member in their own name, the scales of dues, and an arrival."""
        from members import demo_applications, demo_arrivals, demo_dues

        demo_applications.fill(today)
        demo_dues.fill(today)
        demo_arrivals.fill(today)
