from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkRole(models.TextChoices):
    """What a person does in a structure; only the first two act for it on the portal."""

    ADMINISTRATOR = "administrator", _("administre le compte")
    EMPLOYEE = "employee", _("salarié·e")
    FOUNDER = "founder", _("fondateur ou fondatrice")
    DIRECTOR = "director", _("direction")
    LEGAL = "legal", _("représentant·e légal·e")
    DUES = "dues", _("contact cotisations et factures")


ACTING_ROLES = frozenset({LinkRole.ADMINISTRATOR, LinkRole.EMPLOYEE})


class FiguresSource(models.TextChoices):
    TYPED = "typed", _("saisi")
    IMPORTED = "imported", _("importé")


# The six figures of a year, columns of YearFigures.
FIGURES = ("fte", "permanent", "budget", "turnover", "equity", "area")
