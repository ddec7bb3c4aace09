from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkRole(models.TextChoices):
    """What a person does in a structure; only the first three act for it on the portal."""

    ADMINISTRATOR = "administrator", _("administre le compte")
    EMPLOYEE = "employee", _("salarié·e")
    # For a time, by a link: books for the structure, and reads nothing of it.
    GUEST = "guest", _("invité·e")
    FOUNDER = "founder", _("fondateur ou fondatrice")
    DIRECTOR = "director", _("direction")
    LEGAL = "legal", _("représentant·e légal·e")
    DUES = "dues", _("contact cotisations et factures")


WORKING_ROLES = frozenset({LinkRole.ADMINISTRATOR, LinkRole.EMPLOYEE})
ACTING_ROLES = WORKING_ROLES | {LinkRole.GUEST}


class InvitationState(models.TextChoices):
    """Where an invitation has come: computed from its dates."""

    PENDING = "pending", _("en attente")
    ACCEPTED = "accepted", _("acceptée")
    WITHDRAWN = "withdrawn", _("retirée")
    EXPIRED = "expired", _("expirée")


class FiguresSource(models.TextChoices):
    TYPED = "typed", _("saisi")
    IMPORTED = "imported", _("importé")


# The six figures of a year, columns of YearFigures.
FIGURES = ("fte", "permanent", "budget", "turnover", "equity", "area")
