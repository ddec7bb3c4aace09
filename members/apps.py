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
from members.rules import follows_arrivals, keeps_memberships, keeps_page, looks_on, only_follows_arrivals, sees_totals

if TYPE_CHECKING:
    from hubs.models import HubClosure, Run
    from hubs.personal import Hindrance, Section, Subject
    from members.parts import CertificateKind
    from parties.models import Organisation, Person
    from parties.parts import Facet, Held

# The home names so many members; the directory has the others.
ON_THE_WALL = 200


class MembersConfig(HubAppConfig):
    name = "members"
    verbose_name = _("adhésions")
    switch = "members"
    public_nav = (
        NavItem(_("Annuaire"), "members:directory", "user-group", anyone, rank=40),
        NavItem(_("Vitrine"), "members:showcase", "photo", anyone, rank=42),
        NavItem(_("Nous rejoindre"), "members:apply", "hand-raised", anyone, rank=45),
    )
    member_nav = (
        NavItem(_("Adhésions"), "members:totals", "identification", looks_on, rank=70),
        NavItem(_("Attestations"), "members:certificates", "document-check", person_of_hub, rank=72),
    )
    mended_texts = (
        "members.Application",
        "members.ApplicationDecision.by",
        "members.Certificate.holder_name",
        "members.ChecklistItem.done_by",
        "members.DatesRequest",
        # A call says what its invoice says, and is kept as long.
        "members.DuesCall",
        "members.DuesTerms.reason",
        "members.Letter.body",
        "members.Resignation.by",
        "members.Resignation.reason",
        "members.StrikeOff.grounds",
        "members.StrikeOff.heard",
        "members.StrikeOff.stop_reason",
    )
    own_nav = (NavItem(_("Mon adhésion"), "members:my_memberships", "identification", person_of_hub, rank=40),)
    settings_nav = (
        NavItem(
            _("Collèges"), "members:colleges", "rectangle-group", keeps_memberships, rank=40, group=_("Les membres")
        ),
        NavItem(_("Exercices"), "members:years", "calendar", keeps_memberships, rank=45, group=_("Les membres")),
        NavItem(_("Barèmes"), "members:dues_scales", "scale", keeps_memberships, rank=47, group=_("Les membres")),
        NavItem(
            _("Départs"),
            "members:departure_terms",
            "arrow-right-start-on-rectangle",
            keeps_memberships,
            rank=48,
            group=_("Les membres"),
        ),
        NavItem(
            _("Renouvellements"), "members:renewal_settings", "bell", keeps_memberships, rank=49, group=_("Les membres")
        ),
        NavItem(
            _("Arrivées"),
            "members:arrival_settings",
            "clipboard-document-check",
            keeps_memberships,
            rank=47,
            group=_("Les membres"),
        ),
    )
    staff_nav = (
        NavItem(_("Adhésions"), "members:totals", "identification", sees_totals, rank=35),
        NavItem(_("Arrivées"), "members:checklists", "clipboard-document-check", only_follows_arrivals, rank=38),
    )
    roster_nav = (
        NavItem(_("Ensemble"), "members:totals", "chart-bar", sees_totals, rank=10),
        NavItem(_("Membres"), "members:members", "identification", keeps_memberships, rank=20),
        NavItem(_("Candidatures"), "members:applications", "inbox", keeps_memberships, rank=30),
        NavItem(_("Cotisations"), "members:dues", "scale", keeps_memberships, rank=40),
        NavItem(_("Arrivées"), "members:checklists", "clipboard-document-check", follows_arrivals, rank=50),
        NavItem(_("Départs"), "members:departures", "arrow-right-start-on-rectangle", keeps_memberships, rank=60),
        NavItem(_("Attestations"), "members:certificates_issued", "document-check", keeps_memberships, rank=70),
        NavItem(_("Pages publiques"), "members:public_pages", "globe-alt", keeps_memberships, rank=80),
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
        "members.page_written": _("Page publique écrite"),
        "members.page_published": _("Page publique publiée"),
        "members.page_withdrawn": _("Page publique retirée de l’annuaire"),
        "members.page_hidden": _("Page publique masquée"),
        "members.page_confirmed": _("Page publique vérifiée"),
        "members.named_on_page": _("Accord donné pour être nommé·e sur la page publique"),
        "members.unnamed_on_page": _("Accord repris pour être nommé·e sur la page publique"),
        "members.picture_added": _("Image ajoutée à la page publique"),
        "members.picture_described": _("Image de la page publique décrite autrement"),
        "members.picture_moved": _("Image de la page publique changée de place"),
        "members.picture_removed": _("Image retirée de la page publique"),
        "members.certificate_issued": _("Attestation établie"),
        "members.certificate_withdrawn": _("Attestation retirée"),
        "members.card_made": _("Carte de membre faite"),
        "members.labels_printed": _("Étiquettes imprimées"),
        "members.dues_calls_started": _("Cotisations appelées"),
        "members.dues_called": _("Cotisation appelée"),
        "members.dues_opened": _("Cotisation reprise d’un autre outil"),
        "members.dates_asked": _("Paiement en plusieurs fois demandé"),
        "members.dates_answered": _("Paiement en plusieurs fois répondu"),
        "members.renewal_policy_set": _("Rappels de renouvellement réglés"),
        "members.renewals_started": _("Rappels de renouvellement envoyés"),
        "members.renewal_reminded": _("Renouvellement rappelé"),
    }
    trail_fields = {
        "step": TrailField(_("étape"), label_in(Step), is_context=True),
        "accepted": TrailField(_("acceptée")),
        "version": TrailField(_("version"), is_context=True),
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
        "parts": TrailField(_("en combien de fois")),
        "granted": TrailField(_("accordé")),
        "days": TrailField(_("jours après la fin")),
        "treatment": TrailField(_("traitement"), label_in(DuesTreatment)),
    }
    jobs = {
        "members.import_draft": "members.tasks.import_dropped",
        "members.render_certificate": "members.tasks.render_certificate",
        "members.render_letter": "members.tasks.render_letter",
        "members.call_dues": "members.tasks.call_dues",
        "members.remind_renewal": "members.tasks.remind_renewal",
    }
    opening_importers = ("members.openings.DuesPaid",)
    # All of the file or nothing, all of a call or nothing: what is not begun has written nothing.
    cancellable_jobs = ("members.import_draft", "members.call_dues", "members.remind_renewal")

    def run_link(self, run: "Run") -> str:
        """The result of an imported file, a certificate made, the dues of a year, the reminders that were sent."""
        from members.models import Certificate, FiscalYear, RenewalPolicy
        from parties.models import ImportDraft

        label, _colon, pk = run.about.partition(":")
        if label == RenewalPolicy._meta.label_lower:
            return reverse("members:renewals")
        if label == FiscalYear._meta.label_lower:
            return f"{reverse('members:dues')}?exercice={pk}"
        if label == Certificate._meta.label_lower:
            code = Certificate.objects.filter(pk=pk).values_list("code", flat=True).first()
            return reverse("members:certificate", args=[code]) if code else ""
        if label != ImportDraft._meta.label_lower:
            return ""
        public_id = ImportDraft.objects.filter(pk=pk, purpose="members").values_list("public_id", flat=True).first()
        return reverse("members:import_result", args=[public_id]) if public_id else ""

    def certificates(self) -> "Sequence[CertificateKind]":
        """Dues paid for a year, and since when a structure is hosted."""
        from members.certificates import KINDS

        return KINDS

    def home_cards(self, actor: Actor) -> Sequence[Card]:
        """The members' wall, and a few of their pictures."""
        from members.cards import cards
        from members.queries.directory import Wanted, found_in_directory

        lines = found_in_directory(Wanted(), timezone.localdate(), per_page=ON_THE_WALL).lines
        context = {"lines": lines, "cards": cards([line for line in lines if line.cover][:3], level=3)}
        return [Card("members/home_wall.html", context, rank=60)] if lines else []

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        """For elected people and observers: the way to the totals; for members: dues, and lists of arrival."""
        from members.queries import current_rows, lists_to_show
        from parties.rules import workplaces

        cards = [Card("members/card_totals.html", {}, rank=20)] if looks_on(actor) else []
        if rows := current_rows(actor, timezone.localdate()):
            cards.append(Card("members/card_dues.html", {"rows": rows}, rank=55))
        mine = workplaces(actor)
        lists = lists_to_show(mine, timezone.localdate()) if mine else []
        if running := [each for each in lists if each.closed_on is None]:
            cards.append(Card("members/my_arrival_card.html", {"lists": running}, rank=5))
        return cards

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """Late steps of arrival; the year that has ended, files left halfway, applications, departures, old pages."""
        from members import todos

        now = timezone.now()
        today = timezone.localdate(now)
        late = todos.late_lists(today) if follows_arrivals(actor) else []
        if not keeps_memberships(actor):
            return late
        return [
            *late,
            *todos.year_to_open(today),
            *todos.applications_waiting(),
            *todos.departures_waiting(today),
            *todos.dates_asked(),
            *todos.files_left(actor, now),
            *todos.pages_to_confirm(today),
        ]

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
        told = self._departures(organisation, keeps_memberships(actor))
        is_merged = organisation.merged_into_id is not None
        if is_merged and not told["history"]:
            return self._list_card(organisation, actor)
        context = {
            **told,
            "is_merged": is_merged,
            "admit_url": reverse("members:admit", args=[organisation.public_id]),
            "resign_url": reverse("members:resign_structure", args=[organisation.public_id]),
            "strike_url": reverse("members:strike_structure", args=[organisation.public_id]),
            "no_membership": _("Cette structure n’est pas membre du pôle."),
        }
        return [
            Card("members/member_card.html", context, rank=20),
            *self._list_card(organisation, actor),
            *self._page_card(organisation, actor),
        ]

    def _page_card(self, organisation: "Organisation", actor: Actor) -> Sequence[Card]:
        """The way to its public page, for those who write it or may be named on it. The directory shows members."""
        from members.enums import PageState
        from members.models import PublicPage
        from members.queries.certificates import is_member
        from parties.rules import works_for

        may_edit, works_here = keeps_page(actor, organisation.pk), works_for(actor, organisation.pk)
        if not (may_edit or works_here):
            return []
        page = PublicPage.objects.filter(organisation=organisation).first()
        if page is None and not is_member(organisation, timezone.localdate()):
            return []
        tones = {PageState.PUBLISHED: "done", PageState.HIDDEN: "wrong"}
        context = {
            "organisation": organisation,
            "page": page,
            "tone": tones.get(PageState(page.state), "waiting") if page else "",
            "may_edit": may_edit,
            "works_here": works_here,
        }
        return [Card("members/page_card.html", context, rank=25)]

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

    def _list_card(self, organisation: "Organisation", actor: Actor) -> Sequence[Card]:
        """Its lists of arrival and departure; nothing for those who neither have one nor may begin one."""
        from members.queries import lists_of

        if not (follows_arrivals(actor) or actor.acts_for(organisation.pk)):
            return []
        lists = list(lists_of(organisation, timezone.localdate()))
        may_keep = keeps_memberships(actor) and organisation.merged_into_id is None
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
        """Applications, public pages, papers, for those who keep the memberships; lists of arrival, for who ticks them."""
        from members.queries import checklists_named, letters_named, things_named
        from members.queries.showcase import pages_named

        found: dict[str, Thing] = {}
        if keeps_memberships(actor):
            letters = letters_named(names, timezone.localdate())
            found = {**things_named(names), **pages_named(names), **letters}
        return found | (checklists_named(names) if follows_arrivals(actor) else {})

    def tidy(self, now: dt.datetime) -> None:
        """Public pages that nobody has confirmed for a year are asked for."""
        from members.actions import ask_stale_pages

        ask_stale_pages(on=timezone.localdate(now))

    def held_of_structures(self) -> "Sequence[Held]":
        """The memberships, the dues, the application, the certificates."""
        from members.held import HELD

        return HELD

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

    def move_over(self, closure: "HubClosure") -> int:
        """The steps of arrival and departure that nobody has done yet."""
        from members.models import ChecklistItem

        undone = ChecklistItem.objects.filter(done_on=None, due_on__gte=closure.starts_on, due_on__lt=closure.ends_on)
        return undone.update(due_on=closure.ends_on)

    def furnish(self, preset: str, today: dt.date) -> None:
        """The preset's colleges, the calendar years of today and before, and a list of arrival."""
        from hubs.actors import system
        from hubs.scope import current_hub_id
        from members.actions import open_college, open_fiscal_year, set_admission, write_first_list
        from members.presets import COLLEGES, OF_PEOPLE

        by = system(current_hub_id())
        last_year = dt.date(today.year - 1, 1, 1)
        for rank, name in enumerate(COLLEGES[preset], start=1):
            college = open_college(name=name, rank=rank, starts_on=last_year, by=by)
            if path := OF_PEOPLE.get(name):
                set_admission(college=college, takes_structures=False, takes_people=True, votes=True, path=path, by=by)
        for year in (today.year - 1, today.year):
            open_fiscal_year(label=str(year), starts_on=dt.date(year, 1, 1), ends_on=dt.date(year + 1, 1, 1), by=by)
        write_first_list(by=by, now=timezone.make_aware(dt.datetime.combine(today, dt.time())))

    def demo(self, preset: str, today: dt.date) -> None:
        """The members of the seeds, their figures, and the demo accounts."""
        from members import demo

        demo.fill(preset, today)

    def settle_demo(self, today: dt.date) -> None:
        """Applications, a person who is a member in their own name, dues, public pages, papers, departures, an arrival."""
        from members import (
            demo_applications,
            demo_arrivals,
            demo_departures,
            demo_dues,
            demo_papers,
            demo_showcase,
        )

        demo_applications.fill(today)
        demo_dues.fill(today)
        demo_showcase.fill(today)
        demo_papers.fill(today)
        demo_departures.fill(today)
        demo_arrivals.fill(today)
