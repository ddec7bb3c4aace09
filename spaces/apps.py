import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.parts import Card, HubAppConfig, NavItem
from hubs.rules import anyone
from spaces.rules import keeps_the_diary, may_book

if TYPE_CHECKING:
    from hubs.personal import Hindrance, Keeping, Section, Subject


class SpacesConfig(HubAppConfig):
    name = "spaces"
    verbose_name = _("espaces")
    switch = "spaces"
    public_nav = (NavItem(_("Les espaces"), "spaces:places", "building-office", anyone, rank=20),)
    member_nav = (
        NavItem(_("Réserver"), "spaces:find", "magnifying-glass", may_book, rank=20),
        NavItem(_("Réservations"), "spaces:bookings", "calendar-days", may_book, rank=30),
    )
    staff_nav = (
        NavItem(_("Planning"), "spaces:staff_week", "calendar-days", keeps_the_diary, rank=20),
        NavItem(_("Espaces"), "spaces:staff_places", "building-office", keeps_the_diary, rank=60),
    )

    mended_texts = ("spaces.Booking.booked_by", "spaces.Booking.cancelled_by")

    def personal_data(self, subject: "Subject") -> "Sequence[Section]":
        from spaces import personal

        return personal.personal_data(subject)

    def hindrances(self, subject: "Subject", now: dt.datetime) -> "Sequence[Hindrance]":
        from spaces import personal

        return personal.hindrances(subject, now)

    def erase(self, subject: "Subject", now: dt.datetime) -> Sequence[str]:
        from spaces import personal

        return personal.erase(subject)

    def keepings(self) -> "Sequence[Keeping]":
        from spaces import personal

        return personal.keepings()

    def home_cards(self, actor: Actor) -> Sequence[Card]:
        from spaces.queries import home_doors

        return [Card("spaces/card_home.html", {"pools": home_doors()}, rank=30)]

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        from spaces.queries import next_bookings

        if not actor.organisations:
            return ()
        return [Card("spaces/card_member.html", {"bookings": next_bookings(actor)}, rank=10)]

    def furnish(self, preset: str, today: dt.date) -> None:
        from spaces.presets import furnish

        furnish(preset, today)

    def demo(self, preset: str, today: dt.date) -> None:
        from spaces.demo import fill

        fill(preset, today)
