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


class DuesBasis(models.TextChoices):
    """The figure that a scale reads, of the calendar year before the fiscal year begins."""

    FLAT = "flat", _("un montant unique")
    HEADS = "heads", _("les salariés permanents")
    FTE = "fte", _("les équivalents temps plein (ETP)")
    BUDGET = "budget", _("le budget")
    TURNOVER = "turnover", _("le chiffre d’affaires")


class LateRule(models.TextChoices):
    """What a member owes who is admitted during the year."""

    FULL = "full", _("l’année entière")
    MONTHS = "months", _("au prorata des mois, celui de l’arrivée compris")
    DAYS = "days", _("au prorata des jours")
    OFFERED = "offered", _("les derniers mois de l’exercice sont offerts")
    ROLLING = "rolling", _("douze mois à partir de l’arrivée")


class DuesTreatment(models.TextChoices):
    SCALE = "scale", _("selon le barème")
    AGREED = "agreed", _("un montant convenu")
    EXEMPT = "exempt", _("dispensée de cotisation")
    HELD = "held", _("pas appelée pour l’instant")


class DuesState(models.TextChoices):
    """Where the dues of a membership are, for the electoral roll among others."""

    NONE = "none", _("pas appelée")
    CALLED = "called", _("appelée")
    PARTLY = "partly", _("payée en partie")
    PAID = "paid", _("payée")
    EXEMPT = "exempt", _("rien à payer")


class Way(models.TextChoices):
    """Which way a list is walked: a departure is the arrival backwards."""

    ARRIVAL = "arrival", _("arrivée")
    DEPARTURE = "departure", _("départ")


class CheckKind(models.TextChoices):
    """What it takes to do a step of a list."""

    PLAIN = "plain", _("une étape à cocher")
    CHARTER = "charter", _("la charte à accepter")
    INSURANCE = "insurance", _("une assurance, avec sa date de fin")


class CheckSide(models.TextChoices):
    """Who does a step. Staff may do what the structure does, the charter excepted."""

    STAFF = "staff", _("l’équipe")
    MEMBER = "member", _("la structure")
