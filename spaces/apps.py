import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubs.actors import Actor
from hubs.french import amount
from hubs.parts import Card, HubAppConfig, NavItem, Thing, Todo, TrailField
from hubs.rules import accounts, anyone
from spaces.rules import keeps_the_diary, manages_places, may_book

if TYPE_CHECKING:
    from hubs.personal import Hindrance, Keeping, Section, Subject
    from members.parts import CertificateKind, Commitment
    from parties.models import Organisation, Person
    from parties.parts import Held


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

    trail_words = {
        "spaces.booked": _("Réservation"),
        "spaces.cancelled": _("Réservation annulée"),
        "spaces.site_opened": _("Lieu ouvert"),
        "spaces.pool_opened": _("Espace ouvert"),
        "spaces.pool_changed": _("Espace modifié"),
        "spaces.price_set": _("Prix fixé"),
        "spaces.hours_set": _("Horaires changés"),
        "spaces.closed": _("Fermeture notée"),
    }
    trail_fields = {
        "organisation": TrailField(),
        "unit": TrailField(),
        "start": TrailField(_("de")),
        "end": TrailField(_("à")),
        "from": TrailField(_("à partir du")),
        "to": TrailField(_("jusqu’au (exclu)")),
        "units": TrailField(_("exemplaires")),
        "week": TrailField(_("semaine")),
        "amount": TrailField(_("montant HT"), amount, accounts),
        "due": TrailField(_("reste dû HT"), amount, accounts),
    }
    mended_texts = ("spaces.Booking.booked_by", "spaces.Booking.cancelled_by")

    def held_of_structures(self) -> "Sequence[Held]":
        """The bookings."""
        from spaces.held import HELD

        return HELD

    def commitments_after(
        self, organisation: "Organisation | None", person: "Person | None", on: dt.date
    ) -> "Sequence[Commitment]":
        """The bookings of the structure from that day on; a natural person books for a structure."""
        from spaces.queries import commitments_after

        return commitments_after(organisation, on) if organisation else ()

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

    def certificates(self) -> "Sequence[CertificateKind]":
        """Rooms lent in a year, and their value."""
        from spaces.certificates import KINDS

        return KINDS

    def home_cards(self, actor: Actor) -> Sequence[Card]:
        from spaces.queries import home_doors

        return [Card("spaces/card_home.html", {"pools": home_doors()}, rank=30)]

    def member_cards(self, actor: Actor) -> Sequence[Card]:
        from spaces.queries import next_bookings

        if not actor.organisations:
            return ()
        return [Card("spaces/card_member.html", {"bookings": next_bookings(actor)}, rank=10)]

    def todos(self, actor: Actor) -> Sequence[Todo]:
        """The bookings on closed days, and the places that nobody can book."""
        from spaces.todos import on_closed_days, without_price

        now = timezone.now()
        diary = on_closed_days(now) if keeps_the_diary(actor) else []
        return [*diary, *(without_price(timezone.localdate(now)) if manages_places(actor) else [])]

    def things(self, names: Collection[str], actor: Actor) -> Mapping[str, Thing]:
        """Bookings and places, for those who open their pages."""
        from spaces.queries import things_named

        return things_named(names, actor) if keeps_the_diary(actor) else {}

    def furnish(self, preset: str, today: dt.date) -> None:
        from spaces.presets import furnish

        furnish(preset, today)

    def demo(self, preset: str, today: dt.date) -> None:
        from spaces.demo import fill

        fill(preset, today)
