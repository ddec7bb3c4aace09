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
    INVOICES = "invoices", _("contact factures")


WORKING_ROLES = frozenset({LinkRole.ADMINISTRATOR, LinkRole.EMPLOYEE})
ACTING_ROLES = WORKING_ROLES | {LinkRole.GUEST}


class RelationKind(models.TextChoices):
    """What a structure is to the hub beside a member, which memberships tell."""

    PARTNER = "partner", _("partenaire")
    SUPPLIER = "supplier", _("fournisseur")
    FUNDER = "funder", _("financeur")
    CUSTOMER = "customer", _("cliente")
    LANDLORD = "landlord", _("bailleur")


class InvitationState(models.TextChoices):
    """Where an invitation has come: computed from its dates."""

    PENDING = "pending", _("en attente")
    ACCEPTED = "accepted", _("acceptée")
    WITHDRAWN = "withdrawn", _("retirée")
    EXPIRED = "expired", _("expirée")


class FiguresSource(models.TextChoices):
    TYPED = "typed", _("saisi")
    IMPORTED = "imported", _("importé")


class FieldOf(models.TextChoices):
    """What a hub's own field is about."""

    ORGANISATION = "organisation", _("les structures")
    PERSON = "person", _("les personnes")


class FieldKind(models.TextChoices):
    TEXT = "text", _("texte court")
    LONG_TEXT = "long_text", _("texte long")
    INTEGER = "integer", _("nombre entier")
    DECIMAL = "decimal", _("nombre décimal")
    DATE = "date", _("date")
    YES_NO = "yes_no", _("oui ou non")
    CHOICE = "choice", _("un choix dans une liste")
    CHOICES = "choices", _("plusieurs choix dans une liste")


LISTED_KINDS = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})


class FieldReach(models.TextChoices):
    """Who meets an own field beside the staff: the structure, or the person, that it is about."""

    STAFF = "staff", _("l’équipe seule")
    READ = "read", _("l’équipe l’écrit, l’intéressé·e le lit")
    WRITE = "write", _("l’intéressé·e le lit et l’écrit aussi")


class RequestOutcome(models.TextChoices):
    """How a request to be erased ended."""

    ERASED = "erased", _("effacée")
    WITHDRAWN = "withdrawn", _("retirée par la personne")
    REFUSED = "refused", _("réponse donnée sans effacer")


# The six figures of a year, columns of YearFigures.
FIGURES = ("fte", "permanent", "budget", "turnover", "equity", "area")


class PaperState(models.TextChoices):
    """Where a document given to the hub has come: computed from its dates."""

    VALID = "valid", _("valable")
    EXPIRING = "expiring", _("finit bientôt")
    EXPIRED = "expired", _("expiré")
    REPLACED = "replaced", _("remplacé")
    WITHDRAWN = "withdrawn", _("retiré")


def tell_kind(value: object) -> str:
    """A nature in the log: of an own field, or of a relation."""
    for kinds in (FieldKind, RelationKind):
        if value in kinds.values:
            return str(kinds(value).label)
    return str(value or "")
