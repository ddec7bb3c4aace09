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
