import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from hubs.actions import create_hub
from hubs.enums import SecondFactor
from hubs.models import Hub
from hubs.parts import hub_apps
from hubs.scope import open_hub


class Command(BaseCommand):
    help = "Makes the demo network: two hubs with months of data and accounts. Does nothing where they exist."

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        for preset in ("la-coursive", "petit-pole"):
            if Hub.objects.filter(slug=preset).exists():
                continue
            # Open for more than a year: the past months need their prices, their rates and their issuer.
            opened = today - dt.timedelta(days=400)
            with transaction.atomic():
                hub = create_hub(
                    slug=preset,
                    preset=preset,
                    host=f"{preset}.{settings.INSTANCE_HOST}",
                    today=opened,
                    # Its accounts are everyone's: nobody could sign in after the first one set up a telephone.
                    second_factor=SecondFactor.NOBODY,
                )
                with open_hub(hub):
                    for app in hub_apps(hub):
                        app.demo(preset, today)
                    for app in hub_apps(hub):
                        app.settle_demo(today)
            self.stdout.write(f"{hub.name} : prêt.")
