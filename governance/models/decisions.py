from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.enums import Outcome, PollAdvice
from governance.models.assembly import Assembly
from governance.models.meetings import Meeting
from governance.models.resolutions import Resolution
from hubs.isolation import hub_guards
from hubs.models import HubModel, public_id
from members.models import Membership


class Minutes(HubModel):
    """The minutes of an assembly or the report of a meeting: written, then published under a number, and frozen. Their
    PDF is a document."""

    assembly = models.ForeignKey(
        Assembly, on_delete=models.PROTECT, null=True, related_name="minutes", verbose_name=_("assemblée")
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, related_name="minutes", verbose_name=_("réunion")
    )
    words = models.TextField(_("déroulé"), max_length=20_000, blank=True)
    chair = models.CharField(_("président·e de séance"), max_length=120)
    secretary = models.CharField(_("secrétaire de séance"), max_length=120)
    series = models.CharField(_("série"), max_length=4, blank=True)
    year = models.PositiveSmallIntegerField(_("année"), null=True)
    sequence = models.PositiveIntegerField(_("numéro dans l’année"), null=True)
    published_at = models.DateTimeField(_("publié le"), null=True)

    class Meta:
        verbose_name = _("procès-verbal")
        constraints = [
            *hub_guards("governance_minutes", "assembly", "meeting"),
            models.UniqueConstraint(fields=["hub", "assembly"], name="governance_minutes_once"),
            models.UniqueConstraint(fields=["hub", "meeting"], name="governance_minutes_meeting_once"),
            models.CheckConstraint(
                name="governance_minutes_of_one",
                condition=Q(assembly=None, meeting__isnull=False) | Q(assembly__isnull=False, meeting=None),
            ),
            models.UniqueConstraint(fields=["hub", "series", "year", "sequence"], name="governance_minutes_number"),
            models.CheckConstraint(
                name="governance_minutes_numbered_iff_published",
                condition=Q(published_at=None, year=None, sequence=None, series="")
                | Q(published_at__isnull=False, year__isnull=False, sequence__isnull=False) & ~Q(series=""),
            ),
            models.CheckConstraint(
                name="governance_minutes_signed",
                condition=Q(published_at=None) | ~Q(chair="") & ~Q(secretary=""),
                violation_error_message=_("Dites qui a présidé la séance, et qui en était secrétaire."),
            ),
        ]

    def __str__(self) -> str:
        return self.number or str(self.about)

    @property
    def about(self) -> Assembly | Meeting:
        """What they are of."""
        found = self.assembly or self.meeting
        assert found is not None  # noqa: S101 the database holds it
        return found

    @property
    def number(self) -> str:
        """« PV-2026-001 »; empty while it is being written."""
        return f"{self.series}-{self.year}-{self.sequence:03d}" if self.sequence else ""


class Poll(HubModel):
    """What the hub asks its members between two assemblies, and what was decided of it, with the reasons."""

    public_id = models.CharField(_("identifiant"), max_length=12, default=public_id, editable=False)
    title = models.CharField(_("question"), max_length=160)
    text = models.TextField(_("de quoi il s’agit"), max_length=4000)
    closes_at = models.DateTimeField(_("réponses jusqu’au"))
    decided_on = models.DateField(_("décidé le"), null=True)
    decision = models.TextField(_("ce qui est décidé"), max_length=2000, blank=True)
    reasons = models.TextField(_("pourquoi"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("consultation")
        constraints = [
            *hub_guards("governance_poll"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="governance_poll_public_id"),
            models.CheckConstraint(
                name="governance_poll_decided_with_reasons",
                condition=Q(decided_on=None, decision="", reasons="")
                | Q(decided_on__isnull=False) & ~Q(decision="") & ~Q(reasons=""),
                violation_error_message=_("Dites ce qui est décidé, et pourquoi."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PollAnswer(HubModel):
    """What a member answers, with its reason; changed until the deadline."""

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="answers", verbose_name=_("consultation"))
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name=_("adhésion"))
    advice = models.CharField(_("avis"), max_length=10, choices=PollAdvice.choices)
    reason = models.CharField(_("pourquoi"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("réponse à une consultation")
        constraints = [
            *hub_guards("governance_pollanswer", "poll", "membership"),
            models.UniqueConstraint(fields=["hub", "poll", "membership"], name="governance_pollanswer_once"),
            models.CheckConstraint(
                name="governance_pollanswer_says_why",
                condition=~Q(advice=PollAdvice.AGAINST) | ~Q(reason=""),
                violation_error_message=_("Dites pourquoi vous n’êtes pas d’accord."),
            ),
        ]


class Decision(HubModel):
    """A line of the register of decisions: of a resolution, of a consultation, or of a meeting. Then a task, if someone
    sees to it. What was decided never changes."""

    number = models.PositiveIntegerField(_("numéro"))
    decided_on = models.DateField(_("décidée le"))
    title = models.CharField(_("décision"), max_length=160)
    text = models.TextField(_("texte"), max_length=4000)
    outcome = models.CharField(_("résultat"), max_length=10, choices=Outcome.choices, blank=True)
    assembly = models.ForeignKey(
        Assembly, on_delete=models.PROTECT, null=True, related_name="decisions", verbose_name=_("assemblée")
    )
    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("résolution")
    )
    poll = models.ForeignKey(
        Poll, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("consultation")
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.PROTECT, null=True, related_name="decisions", verbose_name=_("réunion")
    )
    who = models.CharField(_("confiée à"), max_length=120, blank=True)
    due_on = models.DateField(_("pour le"), null=True, blank=True)
    done_on = models.DateField(_("faite le"), null=True, blank=True)

    class Meta:
        verbose_name = _("décision")
        constraints = [
            *hub_guards("governance_decision", "assembly", "resolution", "poll", "meeting"),
            models.UniqueConstraint(fields=["hub", "number"], name="governance_decision_number"),
            models.UniqueConstraint(
                fields=["hub", "resolution"], condition=Q(resolution__isnull=False), name="governance_decision_of_vote"
            ),
            models.UniqueConstraint(
                fields=["hub", "poll"], condition=Q(poll__isnull=False), name="governance_decision_of_poll"
            ),
            models.CheckConstraint(
                name="governance_decision_due_of_someone",
                condition=Q(due_on=None) | ~Q(who=""),
                violation_error_message=_("Dites à qui la décision est confiée."),
            ),
        ]

    def __str__(self) -> str:
        return self.title
