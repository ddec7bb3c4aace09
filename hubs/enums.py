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
    DROPPED = "dropped", _("laissé là")


class MailFailure(models.TextChoices):
    """Why a message did not leave, as far as the server's answer tells."""

    REFUSED = "refused", _("l’adresse est refusée par le serveur de la personne")
    AWAY = "away", _("le serveur de courriel ne répond pas")
    DENIED = "denied", _("le serveur de courriel refuse l’identifiant du portail")
    UNREADABLE = "unreadable", _("le message ne peut pas être composé")
    NO_FILE = "no_file", _("une pièce jointe manque")
    OTHER = "other", _("le serveur de courriel a refusé le message")


class ItemState(models.TextChoices):
    TODO = "todo", _("à faire")
    DONE = "done", _("fait")
    FAILED = "failed", _("en échec")
    CANCELLED = "cancelled", _("annulé")


class ItemFailure(models.TextChoices):
    """Whether the error of an item is a sentence for people, or an accident that nobody foresaw."""

    REFUSED = "refused", _("refusé")
    UNEXPECTED = "unexpected", _("erreur imprévue")


class AnnouncementKind(models.TextChoices):
    INFORMATION = "information", _("information")
    WARNING = "warning", _("attention")


class Audience(models.TextChoices):
    """In which of the three places an announcement is read."""

    EVERYONE = "everyone", _("tout le monde, sur toutes les pages")
    MEMBERS = "members", _("les membres, dans Mon espace")
    STAFF = "staff", _("l’équipe, dans la gestion")


class FactorKind(models.TextChoices):
    """What one signs in with beside a code or a password, as allauth names it."""

    TOTP = "totp", _("application de codes")
    RECOVERY_CODES = "recovery_codes", _("codes de secours")
    WEBAUTHN = "webauthn", _("clé d’accès")
