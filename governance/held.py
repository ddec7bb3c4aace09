"""What governance holds about a structure, and who reads it."""

from django.utils.translation import gettext_lazy as _

from governance.rules import keeps_desk, runs_assemblies
from parties.parts import Held
from parties.rules import administers, works_for

HELD = (
    Held(
        key="governance.roll",
        title=_("Les assemblées"),
        what=_("Votre place sur la liste électorale, les pouvoirs, les arrivées, ce que vous contestez."),
        models=("governance.RollEntry", "governance.RollContest"),
        team=keeps_desk,
        ours=works_for,
        others=_("Les membres de votre collège\u00a0: votre nom, pour vous donner pouvoir."),
        rank=60,
    ),
    Held(
        key="governance.polls",
        title=_("Les consultations"),
        what=_("L’avis que vous donnez, et vos raisons."),
        models=("governance.PollAnswer",),
        team=runs_assemblies,
        ours=administers,
        rank=61,
    ),
)
