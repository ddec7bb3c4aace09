from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberKind(models.TextChoices):
    """Where a member works: seed S1, line 40, « 9 installées dans l’immeuble, 6 associées sur le territoire »."""

    RESIDENT = "resident", _("installée dans les lieux")
    ASSOCIATE = "associate", _("associée")


class Standing(models.TextChoices):
    """What became of a membership in its year. Leaving is final: who comes back is admitted again next year."""

    MEMBER = "member", _("membre")
    LEFT = "left", _("partie")


STANDING_AFTER: dict[str, frozenset[str]] = {
    Standing.MEMBER: frozenset({Standing.LEFT}),
    Standing.LEFT: frozenset(),
}


class Step(models.TextChoices):
    """Who decides of an application, in this order. Which of them a college asks is the hub's choice."""

    COMPLETENESS = "completeness", _("dossier complet")
    BUREAU = "bureau", _("Bureau")
    BOARD = "board", _("conseil d’administration")
    ASSEMBLY = "assembly", _("ratification par l’assemblée générale")


def tell_path(steps: list[str]) -> str:
    """The steps in words."""
    return ", ".join(str(Step(step).label) for step in steps)


class ApplicationState(models.TextChoices):
    """Where an application has come."""

    OPEN = "open", _("à examiner")
    AWAITING = "awaiting", _("à ratifier")
    ADMITTED = "admitted", _("admise")
    REFUSED = "refused", _("refusée")
    WITHDRAWN = "withdrawn", _("retirée")


IN_FLIGHT = (ApplicationState.OPEN, ApplicationState.AWAITING)

APPLICATION_AFTER: dict[str, frozenset[str]] = {
    ApplicationState.OPEN: frozenset(set(ApplicationState) - {ApplicationState.OPEN}),
    ApplicationState.AWAITING: frozenset(
        {ApplicationState.ADMITTED, ApplicationState.REFUSED, ApplicationState.WITHDRAWN}
    ),
    ApplicationState.ADMITTED: frozenset(),
    ApplicationState.REFUSED: frozenset(),
    ApplicationState.WITHDRAWN: frozenset(),
}
