import datetime as dt

import factory
from allauth.mfa.models import Authenticator
from django.utils import timezone
from factory.django import DjangoModelFactory

from hubs.enums import LegalForm, Role
from hubs.models import Hub, HubAddress, HubSettings, StaffRole, User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@exemple.example")
    password = factory.django.Password("motdepasse-solide")


class HubFactory(DjangoModelFactory):
    """A hub with its address and its settings; open it with `hubs.scope.open_hub`."""

    class Meta:
        model = Hub
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"pole-{n}")
    name = factory.LazyAttribute(lambda hub: f"Pôle {hub.slug}")
    tagline = "Un lieu à partager."
    contact_email = factory.LazyAttribute(lambda hub: f"contact@{hub.slug}.example")
    modules = ["billing", "governance", "members", "spaces"]
    opened_on = dt.date(2020, 1, 1)

    @factory.post_generation
    def address(hub: Hub, create: bool, extracted: str | None) -> None:
        HubAddress.objects.create(hub=hub, host=extracted or f"{hub.slug}.localhost", is_main=True)


class HubSettingsFactory(DjangoModelFactory):
    class Meta:
        model = HubSettings

    starts_on = dt.date(2020, 1, 1)
    legal_form = LegalForm.ASSOCIATION


class StaffRoleFactory(DjangoModelFactory):
    class Meta:
        model = StaffRole

    user = factory.SubFactory(UserFactory)
    role = Role.COORDINATOR
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - dt.timedelta(days=400))


class PasskeyFactory(DjangoModelFactory):
    """A passkey of the host by which the hub is open; no device answers for it."""

    class Meta:
        model = Authenticator

    user = factory.SubFactory(UserFactory)
    type = Authenticator.Type.WEBAUTHN
    data = factory.LazyFunction(lambda: {"name": "Clé 1", "credential": {}})


class TOTPFactory(DjangoModelFactory):
    """An application with the key SECRET."""

    class Meta:
        model = Authenticator

    user = factory.SubFactory(UserFactory)
    type = Authenticator.Type.TOTP
    data = factory.LazyFunction(lambda: {"secret": SECRET})
