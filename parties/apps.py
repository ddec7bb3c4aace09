import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.parts import HubAppConfig


class PartiesConfig(HubAppConfig):
    name = "parties"
    verbose_name = _("structures et personnes")

    def welcome_coordinator(self, email: str, today: dt.date) -> None:
        """A person with an account and the role; their mail says how to sign in. They correct their name later."""
        from hubs.actions import give_role
        from hubs.actors import system
        from hubs.enums import Role
        from hubs.scope import current_hub
        from parties.actions import add_person, give_account

        hub = current_hub()
        by = system(hub.pk)
        person = add_person(given_name="Coordination", family_name=hub.name[:80], email=email, by=by)
        give_role(user=give_account(person=person, by=by), role=Role.COORDINATOR, on=today, by=by)
