from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from documents.models import StoredFile
from governance.enums import Presence, WhyNoVoice
from governance.models.assembly import Assembly
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects
from members.models import College, Membership
from parties.models import PlainText


class RollEntryQuerySet(models.QuerySet["RollEntry"]):
    def named_like(self, text: str) -> "RollEntryQuerySet":
        """Those whose name holds `text`, accents and capitals forgiven."""
        return self.annotate(_plain=PlainText(F("name"))).filter(_plain__contains=PlainText(Value(text)))


class RollEntry(HubModel):
    """A member on the electoral roll of an assembly, named as it was that day. Frozen with the roll."""

    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="roll", verbose_name=_("assemblée"))
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name=_("adhésion"))
    college = models.ForeignKey(College, on_delete=models.PROTECT, related_name="+", verbose_name=_("collège"))
    name = models.CharField(_("nom"), max_length=200)
    votes = models.BooleanField(_("vote"), default=True)
    why = models.CharField(
        _("pourquoi sans voix"), max_length=10, choices=WhyNoVoice.choices, blank=True, default="", db_default=""
    )
    weight = models.PositiveSmallIntegerField(_("voix"), default=1, db_default=1)
    # From then on the name is « Personne effacée », on a frozen roll too.
    erased_at = models.DateTimeField(_("nom effacé le"), null=True, blank=True, editable=False)

    objects = hub_objects(RollEntryQuerySet)

    class Meta:
        verbose_name = _("inscription sur la liste électorale")
        constraints = [
            *hub_guards("governance_rollentry", "assembly", "membership", "college"),
            models.UniqueConstraint(fields=["hub", "assembly", "membership"], name="governance_rollentry_once"),
            models.CheckConstraint(
                name="governance_rollentry_weight",
                condition=Q(weight__range=(1, 1000)),
                violation_error_message=_("Un membre qui vote a de 1 à 1\u202f000 voix."),
            ),
            models.CheckConstraint(name="governance_rollentry_why_no_voice", condition=Q(why="") | Q(votes=False)),
        ]

    def __str__(self) -> str:
        return self.name


class ProxyQuerySet(models.QuerySet["Proxy"]):
    def live(self) -> "ProxyQuerySet":
        return self.filter(revoked_at=None)


class Proxy(HubModel):
    """A member's voice given to another of the same college. What it may be is held by governance/sql.py."""

    giver = models.ForeignKey(
        RollEntry, on_delete=models.PROTECT, related_name="given", verbose_name=_("qui donne pouvoir")
    )
    holder = models.ForeignKey(
        RollEntry, on_delete=models.PROTECT, related_name="held", verbose_name=_("qui le reçoit")
    )
    given_at = models.DateTimeField(_("donné le"))
    revoked_at = models.DateTimeField(_("révoqué le"), null=True, blank=True)
    # From a paper form: who brought it, and its scan.
    brought_by = models.CharField(_("apporté par"), max_length=160, blank=True, default="", db_default="")
    scan = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pouvoir signé")
    )

    objects = hub_objects(ProxyQuerySet)

    class Meta:
        verbose_name = _("pouvoir")
        constraints = [
            *hub_guards("governance_proxy", "giver", "holder", "scan"),
            models.UniqueConstraint(
                fields=["hub", "giver"], condition=Q(revoked_at=None), name="governance_proxy_given_once"
            ),
            models.CheckConstraint(name="governance_proxy_not_to_oneself", condition=~Q(giver=F("holder"))),
        ]

    def __str__(self) -> str:
        return f"{self.giver} → {self.holder}"


class Attendance(HubModel):
    """A member who came, from then until they left."""

    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="attendances", verbose_name=_("membre"))
    arrived_at = models.DateTimeField(_("arrivée"))
    left_at = models.DateTimeField(_("départ"), null=True, blank=True)
    mode = models.CharField(_("présence"), max_length=10, choices=Presence.choices, default=Presence.ROOM)

    class Meta:
        verbose_name = _("présence")
        constraints = [
            *hub_guards("governance_attendance", "entry"),
            models.UniqueConstraint(
                fields=["hub", "entry"], condition=Q(left_at=None), name="governance_attendance_once"
            ),
            models.CheckConstraint(
                name="governance_attendance_period",
                condition=Q(left_at=None) | Q(left_at__gte=F("arrived_at")),
                violation_error_message=_("On repart après être arrivé."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry)
