from spaces.models.bookings import Booking
from spaces.models.places import Closure, OpeningHours, Pool, Price, Site, Unit

__all__ = ["Booking", "Closure", "OpeningHours", "Pool", "Price", "Site", "Unit"]
