"""Papers that prove something of a member, and that anyone can check by their public code."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Issuer
from hubs.isolation import hub_guards
from hubs.models import HubModel, hub_objects, public_id
from members.models.membership import Membership
from parties.models import Organisation, Person


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def for_display(self) -> "CertificateQuerySet":
        return self.select_related("organisation", "person").order_by("-issued_on", "-sequence", "-pk")


class Certificate(HubModel):
    """What the issuer attested of a structure or a person, on a day, under a number. Never changed.

    It may be withdrawn, once. When its person is erased, their name leaves it and it is withdrawn:
    members/sql_papers.py holds both.
    """

    # What is printed on it, and asked at /verifier/.
    code = models.CharField(_("code"), max_length=12, default=public_id, editable=False)
    kind = models.CharField(_("nature"), max_length=40)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="certificates", verbose_name=_("structure")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="certificates", verbose_name=_("personne")
    )
    holder_name = models.CharField(_("au nom de"), max_length=200)
    # Address and numbers of a structure, a line each; nothing of a person.
    holder_lines = models.JSONField(_("coordonnées"), default=list)
    period = models.CharField(_("période"), max_length=40)
    title = models.CharField(_("titre"), max_length=120)
    statement = models.CharField(_("ce qui est attesté"), max_length=400)
    facts = models.JSONField(_("précisions"), default=list)
    table = models.JSONField(_("détail"), default=list)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+", verbose_name=_("émetteur"))
    seller = models.JSONField(_("émetteur, tel qu’alors"), encoder=DjangoJSONEncoder)
    year = models.PositiveSmallIntegerField(_("année"))
    sequence = models.PositiveIntegerField(_("rang"))
    number = models.CharField(_("numéro"), max_length=35)
    issued_on = models.DateField(_("établie le"))
    issued_at = models.DateTimeField(_("établie à"))
    withdrawn_on = models.DateField(_("retirée le"), null=True)
    withdrawn_reason = models.CharField(_("motif du retrait"), max_length=200, blank=True)

    objects = hub_objects(CertificateQuerySet)

    class Meta:
        verbose_name = _("attestation")
        constraints = [
            *hub_guards("members_certificate", "organisation", "person", "issuer"),
            models.UniqueConstraint(fields=["hub", "code"], name="members_certificate_code_once"),
            models.UniqueConstraint(
                fields=["hub", "issuer", "year", "sequence"], name="members_certificate_sequence_once"
            ),
            models.CheckConstraint(
                name="members_certificate_one_holder",
                condition=Q(organisation__isnull=False, person=None) | Q(organisation=None, person__isnull=False),
            ),
            models.CheckConstraint(
                name="members_certificate_withdrawn_has_reason",
                condition=Q(withdrawn_on=None, withdrawn_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawn_reason="")),
                violation_error_message=_("Dites pourquoi l’attestation est retirée."),
            ),
        ]
        indexes = [models.Index(fields=["hub", "issued_on"], name="members_certificate_issued")]

    def __str__(self) -> str:
        return self.number

    @property
    def holder(self) -> Organisation | Person:
        return self.organisation or self.person

    @property
    def sentence(self) -> str:
        """What it certifies, with whom."""
        words = (
            _("La structure %(name)s %(what)s") if self.person_id is None else _("La personne nommée %(name)s %(what)s")
        )
        return words % {"name": self.holder_name, "what": self.statement}

    @property
    def shown_code(self) -> str:
        return in_groups(self.code)


class MemberCard(HubModel):
    """The card of a membership: its code says whether its holder is a member on the day it is asked."""

    membership = models.OneToOneField(
        Membership, on_delete=models.PROTECT, related_name="card", verbose_name=_("adhésion")
    )
    code = models.CharField(_("code"), max_length=12, default=public_id, editable=False)
    made_at = models.DateTimeField(_("faite le"))

    class Meta:
        verbose_name = _("carte de membre")
        constraints = [
            *hub_guards("members_membercard", "membership"),
            models.UniqueConstraint(fields=["hub", "code"], name="members_membercard_code_once"),
        ]

    def __str__(self) -> str:
        return in_groups(self.code)

    @property
    def shown_code(self) -> str:
        return in_groups(self.code)


def in_groups(code: str) -> str:
    """« abcd efgh jkmn », as it is read aloud."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))
