from django.urls import path, register_converter

from spaces.views import member, public, staff


class PublicId:
    """What `hubs.models.public_id` makes; anything else is no page."""

    regex = "[0-9a-z]{12}"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(PublicId, "public_id")

app_name = "spaces"
urlpatterns = [
    path("espaces/", public.places, name="places"),
    path("mon-espace/reserver/", member.find, name="find"),
    path("mon-espace/reserver/semaine/", member.week, name="week"),
    path("mon-espace/reserver/<public_id:public_id>/", member.place, name="place"),
    path("mon-espace/reservations/", member.bookings, name="bookings"),
    path("mon-espace/reservations/<public_id:public_id>/", member.booking, name="booking"),
    path("mon-espace/reservations/<public_id:public_id>/annuler/", member.cancel, name="cancel"),
    path("gestion/planning/", staff.week, name="staff_week"),
    path("gestion/planning/jour/", staff.day, name="staff_day"),
    path("gestion/planning/reserver/", staff.phone, name="phone"),
    path("gestion/planning/reservations/<public_id:public_id>/", staff.booking, name="staff_booking"),
    path("gestion/espaces/", staff.places, name="staff_places"),
    path("gestion/espaces/nouveau/", staff.new_place, name="new_place"),
    path("gestion/espaces/<int:pk>/", staff.staff_place, name="staff_place"),
    path("gestion/espaces/<int:pk>/modifier/", staff.change_place, name="change_place"),
    path("gestion/lieux/<int:pk>/horaires/", staff.hours, name="hours"),
    path("gestion/lieux/<int:pk>/fermetures/", staff.closures, name="closures"),
]
