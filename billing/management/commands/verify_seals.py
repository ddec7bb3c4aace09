from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.models import Seal
from billing.queries import broken_seals, unsealed
from hubs.models import Hub
from hubs.scope import open_hub

STRETCH = 2000


class Command(BaseCommand):
    help = "Reads the chain of seals of each hub against its invoices, payments, refunds and deposits; 1 where something does not fit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", nargs="?", help="one hub; all of them unless given")

    def handle(self, *, slug: str | None, **options: Any) -> None:
        hubs = Hub.objects.filter(slug=slug) if slug else Hub.objects.order_by("pk")
        if not hubs:
            raise CommandError(f"Aucun pôle ne s’appelle {slug}.")
        broken = sum(self._verify(hub) for hub in hubs)
        if broken:
            raise CommandError(f"{broken} écarts.")

    def _verify(self, hub: Hub) -> int:
        with open_hub(hub):
            seal = Seal.objects.order_by("-rank").first()
            last = seal.rank if seal else 0
            faults = [
                fault
                for first in range(1, last + 1, STRETCH)
                for fault in broken_seals(first, min(first + STRETCH - 1, last))
            ]
            faults += unsealed()
        for fault in faults:
            self.stdout.write(f"{hub.slug} : {fault}")
        ending = f", le dernier {seal.hash}" if seal else ""
        self.stdout.write(f"{hub.slug} : {last} sceaux lus{ending}, {len(faults)} écarts.")
        return len(faults)
