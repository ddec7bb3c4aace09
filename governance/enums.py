from django.db import models
from django.utils.translation import gettext_lazy as _


class AssemblyKind(models.TextChoices):
    ORDINARY = "ordinary", _("ordinaire")
    EXTRAORDINARY = "extraordinary", _("extraordinaire")


class AssemblyState(models.TextChoices):
    DRAFT = "draft", _("en préparation")
    CONVENED = "convened", _("convoquée")
    FROZEN = "frozen", _("liste arrêtée")
    OPEN = "open", _("ouverte")
    CLOSED = "closed", _("close")
    CANCELLED = "cancelled", _("annulée")


STATE_AFTER: dict[str, frozenset[str]] = {
    AssemblyState.DRAFT: frozenset({AssemblyState.CONVENED, AssemblyState.CANCELLED}),
    AssemblyState.CONVENED: frozenset({AssemblyState.FROZEN, AssemblyState.CANCELLED}),
    AssemblyState.FROZEN: frozenset({AssemblyState.OPEN, AssemblyState.CANCELLED}),
    AssemblyState.OPEN: frozenset({AssemblyState.CLOSED}),
    AssemblyState.CLOSED: frozenset(),
    AssemblyState.CANCELLED: frozenset(),
}


class Presence(models.TextChoices):
    ROOM = "room", _("dans la salle")
    REMOTE = "remote", _("à distance")


class WhyNoVoice(models.TextChoices):
    """Why a member on the roll does not vote."""

    COLLEGE = "college", _("collège sans voix")
    DUES = "dues", _("cotisation à payer")
    LEFT = "left", _("plus membre à cette date")


class ContestKind(models.TextChoices):
    """What a member says of the roll."""

    MISSING = "missing", _("je devrais être sur la liste")
    COLLEGE = "college", _("mon collège est faux")
    VOICE = "voice", _("je devrais voter")
