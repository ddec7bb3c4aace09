from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.enums import Choice
from governance.models.resolutions import Resolution
from governance.models.roll import RollEntry
from hubs.isolation import hub_guards
from hubs.models import HubModel
from members.models import College


class HandCount(HubModel):
    """The hands of a college, as staff counted them; corrected until the vote closes."""

    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, related_name="hands", verbose_name=_("résolution")
    )
    college = models.ForeignKey(College, on_delete=models.PROTECT, related_name="+", verbose_name=_("collège"))
    in_favour = models.PositiveIntegerField(_("pour"))
    against = models.PositiveIntegerField(_("contre"))
    abstained = models.PositiveIntegerField(_("abstentions"))

    class Meta:
        verbose_name = _("mains levées d’un collège")
        constraints = [
            *hub_guards("governance_handcount", "resolution", "college"),
            models.UniqueConstraint(fields=["hub", "resolution", "college"], name="governance_handcount_once"),
        ]


class NominalVote(HubModel):
    """What a member voted, in a vote where each says it. Once, for good."""

    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, related_name="nominal_votes", verbose_name=_("résolution")
    )
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="+", verbose_name=_("membre"))
    choice = models.CharField(_("vote"), max_length=10, choices=Choice.choices)

    class Meta:
        verbose_name = _("vote nominal")
        constraints = [
            *hub_guards("governance_nominalvote", "resolution", "entry"),
            models.UniqueConstraint(fields=["hub", "resolution", "entry"], name="governance_nominalvote_once"),
            models.CheckConstraint(name="governance_nominalvote_choice", condition=Q(choice__in=Choice.values)),
        ]


class SecretMarker(HubModel):
    """Whether a voter has voted in a secret vote: neither when, nor in what order, nor for what.

    There is one for each voter from the opening on, and each vote writes all of them anew: neither their place on the
    disk nor the transaction that wrote them tells who voted when. Written by governance_secret_vote() alone.
    """

    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, related_name="markers", verbose_name=_("résolution")
    )
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="+", verbose_name=_("membre"))
    has_voted = models.BooleanField(_("a voté"), default=False)

    class Meta:
        verbose_name = _("émargement d’un vote secret")
        constraints = [
            *hub_guards("governance_secretmarker", "resolution", "entry"),
            models.UniqueConstraint(fields=["hub", "resolution", "entry"], name="governance_secretmarker_once"),
        ]


class SecretCount(HubModel):
    """How many ballots of one weight went to a choice. All those of a resolution are there from the opening on, and
    each vote writes all of them anew; the database shows none of them before the vote closes."""

    resolution = models.ForeignKey(
        Resolution, on_delete=models.PROTECT, related_name="secret_counts", verbose_name=_("résolution")
    )
    college = models.ForeignKey(College, on_delete=models.PROTECT, related_name="+", verbose_name=_("collège"))
    weight = models.PositiveSmallIntegerField(_("voix par bulletin"))
    choice = models.CharField(_("vote"), max_length=10, choices=Choice.choices)
    ballots = models.PositiveIntegerField(_("bulletins"), default=0)

    class Meta:
        verbose_name = _("décompte d’un vote secret")
        constraints = [
            *hub_guards("governance_secretcount", "resolution", "college"),
            models.UniqueConstraint(
                fields=["hub", "resolution", "college", "weight", "choice"], name="governance_secretcount_once"
            ),
        ]
