"""What spaces holds about a structure, and who reads it."""

from django.utils.translation import gettext_lazy as _

from parties.parts import Held
from parties.rules import works_for
from spaces.rules import keeps_the_diary

HELD = (
    Held(
        key="spaces.bookings",
        title=_("Les réservations"),
        what=_("Qui a réservé quoi, quand, et pour quoi faire."),
        models=("spaces.Booking",),
        team=keeps_the_diary,
        ours=works_for,
        others=_(
            "Les autres voient que le lieu est occupé, sans votre nom\u00a0; une personne invitée lit les siennes."
        ),
        rank=70,
    ),
)
