from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models import StoredFile
from governance.models.assembly import Assembly
from governance.models.roll import RollEntry
from hubs.isolation import hub_guards
from hubs.models import HubModel, public_id


class AgendaItem(HubModel):
    """A point of the agenda, in its order. It goes no further once the members are convened to it."""

    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="agenda", verbose_name=_("assemblée"))
    rank = models.PositiveSmallIntegerField(_("rang"))
    title = models.CharField(_("point"), max_length=240)

    class Meta:
        verbose_name = _("point de l’ordre du jour")
        constraints = [
            *hub_guards("governance_agendaitem", "assembly"),
            models.UniqueConstraint(fields=["hub", "assembly", "rank"], name="governance_agendaitem_rank"),
        ]

    def __str__(self) -> str:
        return self.title


class Paper(HubModel):
    """A file that members read before the assembly: taken away while it is prepared only, added until it is over."""

    public_id = models.CharField(_("identifiant"), max_length=12, default=public_id, editable=False)
    assembly = models.ForeignKey(Assembly, on_delete=models.PROTECT, related_name="papers", verbose_name=_("assemblée"))
    title = models.CharField(_("titre"), max_length=160)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("fichier"))
    added_at = models.DateTimeField(_("ajoutée le"))

    class Meta:
        verbose_name = _("pièce de l’assemblée")
        constraints = [
            *hub_guards("governance_paper", "assembly", "file"),
            models.UniqueConstraint(fields=["hub", "public_id"], name="governance_paper_public_id"),
            models.UniqueConstraint(
                fields=["hub", "assembly", "title"],
                name="governance_paper_once",
                violation_error_message=_("Une pièce porte déjà ce titre."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Notice(HubModel):
    """That a member of the roll was called: by the mail that is about this row, or by hand where there is no address."""

    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="notices", verbose_name=_("membre"))
    called_at = models.DateTimeField(_("convoqué le"))
    handed_on = models.DateField(_("remise le"), null=True, blank=True)
    handed_how = models.CharField(_("remise comment"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("convocation")
        constraints = [
            *hub_guards("governance_notice", "entry"),
            models.UniqueConstraint(fields=["hub", "entry"], name="governance_notice_once"),
            models.CheckConstraint(
                name="governance_notice_handed_how",
                condition=Q(handed_on=None, handed_how="") | (Q(handed_on__isnull=False) & ~Q(handed_how="")),
                violation_error_message=_("Dites quel jour et comment la convocation a été remise."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry)
