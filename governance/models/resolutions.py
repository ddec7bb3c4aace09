from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.enums import BallotKind, Counting, MajorityBase, Outcome, Quorum, ResolutionState, Threshold
from governance.models.assembly import Assembly
from hubs.isolation import hub_guards
from hubs.models import HubModel
from members.models import College, DuesScale


class Resolution(HubModel):
    """A question put to the vote of an assembly. Written until its vote opens; frozen from then on."""

    assembly = models.ForeignKey(
        Assembly, on_delete=models.PROTECT, related_name="resolutions", verbose_name=_("assemblée")
    )
    rank = models.PositiveSmallIntegerField(_("rang"))
    title = models.CharField(_("titre"), max_length=160)
    text = models.TextField(_("texte soumis au vote"), max_length=4000)
    ballot = models.CharField(_("scrutin"), max_length=10, choices=BallotKind.choices)
    counting = models.CharField(_("décompte"), max_length=10, choices=Counting.choices)
    base = models.CharField(_("majorité"), max_length=10, choices=MajorityBase.choices)
    threshold = models.CharField(_("seuil"), max_length=15, choices=Threshold.choices)
    quorum = models.CharField(_("quorum"), max_length=10, choices=Quorum.choices)
    # Adopted with the resolution, when it passes.
    scale = models.ForeignKey(
        DuesScale, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("barème adopté")
    )
    state = models.CharField(_("état"), max_length=10, choices=ResolutionState.choices, default=ResolutionState.DRAFT)
    outcome = models.CharField(_("résultat"), max_length=10, choices=Outcome.choices, blank=True)
    opened_at = models.DateTimeField(_("ouverte le"), null=True)
    closed_at = models.DateTimeField(_("close le"), null=True)

    class Meta:
        verbose_name = _("résolution")
        constraints = [
            *hub_guards("governance_resolution", "assembly", "scale"),
            models.UniqueConstraint(
                fields=["hub", "assembly", "rank"],
                name="governance_resolution_rank",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="governance_resolution_told_iff_published",
                condition=Q(state=ResolutionState.PUBLISHED) & ~Q(outcome="")
                | ~Q(state=ResolutionState.PUBLISHED) & Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_counted(self) -> bool:
        """The vote is over: its sums may be read."""
        return self.state in (ResolutionState.CLOSED, ResolutionState.PUBLISHED)


class CollegeResult(HubModel):
    """What a college voted, and who was there, counted by the database when the vote closes. Nobody writes it after.

    `voices` are those of the whole roll, `voices_here` those present or represented; with no weight on the roll,
    a voice is a voter. `percent` is empty where the voices are counted together.
    """

    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, related_name="results", verbose_name=_("résolution")
    )
    college = models.ForeignKey(College, on_delete=models.PROTECT, related_name="+", verbose_name=_("collège"))
    percent = models.DecimalField(_("poids (%)"), max_digits=5, decimal_places=2, null=True)
    voters = models.PositiveIntegerField(_("votants"))
    present = models.PositiveIntegerField(_("présents"))
    represented = models.PositiveIntegerField(_("représentés"))
    voices = models.PositiveIntegerField(_("voix"))
    voices_here = models.PositiveIntegerField(_("voix présentes ou représentées"))
    in_favour = models.PositiveIntegerField(_("pour"))
    against = models.PositiveIntegerField(_("contre"))
    abstained = models.PositiveIntegerField(_("abstentions"))

    class Meta:
        verbose_name = _("résultat d’un collège")
        constraints = [
            *hub_guards("governance_collegeresult", "resolution", "college"),
            models.UniqueConstraint(fields=["hub", "resolution", "college"], name="governance_collegeresult_once"),
            models.CheckConstraint(
                name="governance_collegeresult_within_room",
                condition=Q(in_favour__lte=F("voices_here") - F("against") - F("abstained")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.college}\u00a0: {self.in_favour}"
