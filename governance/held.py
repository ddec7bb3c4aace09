"""What governance holds about a structure, and who reads it."""

from django.utils.translation import gettext_lazy as _

from governance.rules import keeps_desk
from parties.parts import Held
from parties.rules import works_for

HELD = (
    Held(
        key="governance.roll",
        title=_("Les assemblées"),
        what=_("Votre place sur la liste électorale, les pouvoirs, les arrivées."),
        models=("governance.RollEntry",),
        team=keeps_desk,
        ours=works_for,
        others=_("Les membres de votre collège\u00a0: votre nom, pour vous donner pouvoir."),
        rank=60,
    ),
)
