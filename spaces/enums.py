from django.db import models
from django.utils.translation import gettext_lazy as _


class PlaceKind(models.TextChoices):
    """What a place is for; each has its colour in the grids."""

    DESK = "desk", _("poste de travail")
    ROOM = "room", _("salle")
    WORKSHOP = "workshop", _("atelier")
    OFFICE = "office", _("bureau fermé")
    EQUIPMENT = "equipment", _("matériel")


class PayerKind(models.TextChoices):
    """Who pays which price: a member by its kind, or anyone else."""

    RESIDENT = "resident", _("structure installée")
    ASSOCIATE = "associate", _("structure associée")
    EXTERNAL = "external", _("extérieur")


class PricePer(models.TextChoices):
    HOUR = "hour", _("heure")
    HALF_DAY = "half_day", _("demi-journée")
    DAY = "day", _("journée")


class BookingState(models.TextChoices):
    CONFIRMED = "confirmed", _("confirmée")
    CANCELLED = "cancelled", _("annulée")


class Door(models.TextChoices):
    """By which door a booking came in."""

    PORTAL = "portal", _("sur le portail")
    DESK = "desk", _("par l’équipe")


class Weekday(models.IntegerChoices):
    MONDAY = 1, _("lundi")
    TUESDAY = 2, _("mardi")
    WEDNESDAY = 3, _("mercredi")
    THURSDAY = 4, _("jeudi")
    FRIDAY = 5, _("vendredi")
    SATURDAY = 6, _("samedi")
    SUNDAY = 7, _("dimanche")
