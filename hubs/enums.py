from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may do for the hub itself."""

    COORDINATOR = "coordinator", _("coordination")
    ACCOUNTANT = "accountant", _("comptabilité")
    ADVISER = "adviser", _("conseil")
    RECEPTION = "reception", _("accueil")
    ELECTED = "elected", _("élu·e")
    # An elected person who also sees who owes what.
    TREASURER = "treasurer", _("trésorerie")
    OBSERVER = "observer", _("comité de pilotage")


# Staff come to work; elected people and observers read what a page gives them.
STAFF_ROLES = frozenset({Role.COORDINATOR, Role.ACCOUNTANT, Role.ADVISER, Role.RECEPTION})


class SecondFactor(models.TextChoices):
    """Whom the hub asks for a second step at sign-in; whoever has set one up is asked in any case."""

    NOBODY = "nobody", _("à personne")
    STAFF = "staff", _("à l’équipe")


class LegalForm(models.TextChoices):
    """Legal forms met in the seeds, S1 and S4; the empty one is a project with no legal body yet."""

    ASSOCIATION = "association", _("association")
    SCIC = "scic", _("SCIC")
    SCOP = "scop", _("SCOP")
    SARL = "sarl", _("SARL")
    EURL = "eurl", _("EURL")
    SA = "sa", _("SA")
    SAS = "sas", _("SAS")
    EPCC = "epcc", _("EPCC")
    REGIE = "regie", _("régie")
    UES = "ues", _("union d’économie sociale")
    CAE = "cae", _("portage par une CAE")
    PUBLIC = "public", _("collectivité ou établissement public")
    NONE = "none", _("pas encore de statut")


class MailState(models.TextChoices):
    QUEUED = "queued", _("en attente")
    SENDING = "sending", _("envoi en cours")
    SENT = "sent", _("envoyé")
    FAILED = "failed", _("en échec")


class ItemState(models.TextChoices):
    TODO = "todo", _("à faire")
    DONE = "done", _("fait")
    FAILED = "failed", _("en échec")
