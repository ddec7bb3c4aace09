from django.db import models
from django.utils.translation import gettext_lazy as _


class MemberKind(models.TextChoices):
    """Where a member works: seed S1, line 40, « 9 installées dans l’immeuble, 6 associées sur le territoire »."""

    RESIDENT = "resident", _("installée dans les lieux")
    ASSOCIATE = "associate", _("associée")


class Standing(models.TextChoices):
    """What became of a membership in its year. Leaving is final from its day on: who comes back is admitted again next
    year. Until that day, a resignation may be withdrawn."""

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


class PageState(models.TextChoices):
    """Where the public page of a structure has come. Until it is published, the directory says its name, its trade
    and its town; withdrawn or hidden, nothing."""

    DRAFT = "draft", _("brouillon")
    PUBLISHED = "published", _("publiée")
    WITHDRAWN = "withdrawn", _("retirée de l’annuaire")
    HIDDEN = "hidden", _("masquée par le pôle")


PAGE_AFTER: dict[str, frozenset[str]] = {
    PageState.DRAFT: frozenset({PageState.PUBLISHED, PageState.WITHDRAWN, PageState.HIDDEN}),
    PageState.PUBLISHED: frozenset({PageState.WITHDRAWN, PageState.HIDDEN}),
    PageState.WITHDRAWN: frozenset({PageState.PUBLISHED, PageState.HIDDEN}),
    # By the hub alone, which hid it.
    PageState.HIDDEN: frozenset({PageState.PUBLISHED}),
}


class Printed(models.TextChoices):
    """Whom cards and labels are printed for."""

    STRUCTURES = "structures", _("les structures")
    PEOPLE = "people", _("les personnes")


class ResignationEffect(models.TextChoices):
    """When a member who resigns stops being one: the statutes say."""

    AT_ONCE = "at_once", _("dès le lendemain de la lettre")
    YEAR_END = "year_end", _("à la fin de l’exercice")
    NOTICE = "notice", _("après un préavis")


class StrikeCause(models.TextChoices):
    DUES = "dues", _("cotisation impayée")
    OTHER = "other", _("autre motif")


class DecidingBody(models.TextChoices):
    """Who strikes a member off."""

    BUREAU = "bureau", _("le Bureau")
    BOARD = "board", _("le conseil d’administration")
    ASSEMBLY = "assembly", _("l’assemblée générale")


class StrikeState(models.TextChoices):
    """Where a strike-off has come: computed from its dates, and from what was paid."""

    NOTIFIED = "notified", _("mise en demeure")
    TO_DECIDE = "to_decide", _("délai écoulé, à décider")
    SETTLED = "settled", _("arrêtée\u00a0: la cotisation est payée")
    STOPPED = "stopped", _("arrêtée")
    DECIDED = "decided", _("radiée")


class LetterKind(models.TextChoices):
    """What the hub writes on paper about an admission or a departure."""

    AWAITING = "awaiting", _("candidature acceptée, à ratifier")
    ADMITTED = "admitted", _("admission")
    RATIFIED = "ratified", _("admission ratifiée")
    REFUSED = "refused", _("candidature refusée")
    RESIGNATION = "resignation", _("démission notée")
    NOTICE = "notice", _("mise en demeure")
    STRIKE_OFF = "strike_off", _("radiation")


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
