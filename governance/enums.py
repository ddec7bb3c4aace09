from django.db import models
from django.utils.translation import gettext_lazy as _


class AssemblyKind(models.TextChoices):
    ORDINARY = "ordinary", _("ordinaire")
    EXTRAORDINARY = "extraordinary", _("extraordinaire")


class MeetingKind(models.TextChoices):
    """Meetings that are no assembly."""

    BUREAU = "bureau", _("Bureau")
    BOARD = "board", _("conseil d’administration")
    COPIL = "copil", _("comité de pilotage")


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


class BallotKind(models.TextChoices):
    HANDS = "hands", _("à main levée, voix comptées par collège")
    NOMINAL = "nominal", _("nominal, chacun vote depuis son espace")
    SECRET = "secret", _("secret, chacun vote depuis son espace")


class Counting(models.TextChoices):
    HEADS = "heads", _("toutes les voix ensemble")
    COLLEGES = "colleges", _("par collège, puis selon le poids de chacun")


class MajorityBase(models.TextChoices):
    CAST = "cast", _("des voix exprimées")
    ALL = "all", _("de toutes les voix de la liste")


class Threshold(models.TextChoices):
    SIMPLE = "simple", _("plus de la moitié")
    TWO_THIRDS = "two_thirds", _("les deux tiers")
    THREE_QUARTERS = "three_quarters", _("les trois quarts")


class Quorum(models.TextChoices):
    NONE = "none", _("aucun")
    COLLEGES = "colleges", _("dans chaque collège")
    WHOLE = "whole", _("sur toute l’assemblée")


class ResolutionState(models.TextChoices):
    DRAFT = "draft", _("en préparation")
    OPEN = "open", _("vote ouvert")
    CLOSED = "closed", _("vote clos")
    PUBLISHED = "published", _("résultat proclamé")


class Choice(models.TextChoices):
    FOR = "for", _("pour")
    AGAINST = "against", _("contre")
    ABSTAIN = "abstain", _("abstention")


class Outcome(models.TextChoices):
    ADOPTED = "adopted", _("adoptée")
    REJECTED = "rejected", _("rejetée")
    TIED = "tied", _("égalité, non adoptée")
    NO_VOICE = "no_voice", _("aucune voix exprimée")
    NO_QUORUM = "no_quorum", _("quorum non atteint")


class PollAdvice(models.TextChoices):
    FOR = "for", _("d’accord")
    AGAINST = "against", _("pas d’accord")
    NEUTRAL = "neutral", _("sans avis")
