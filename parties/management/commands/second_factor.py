from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hubs.actors import system
from hubs.models import Hub, User
from hubs.scope import open_hub
from parties.actions import forget_second_factor


class Command(BaseCommand):
    help = "For someone who lost telephone and recovery codes: manage.py second_factor forget MAIL"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        forget = verbs.add_parser("forget", help="removes the application, the recovery codes and the passkeys")
        forget.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError("Aucun compte à cette adresse.")
        count = 0
        with transaction.atomic():
            for hub in Hub.objects.prefetch_related("addresses").order_by("pk"):
                hosts = [address.host for address in hub.addresses.all()]
                # A pinned hub is met at addresses that only the settings know.
                for host in [*hosts, *settings.ALLOWED_HOSTS]:
                    with open_hub(hub, host=host):
                        count += forget_second_factor(user=user, by=system(hub.pk))
        self.stdout.write(f"{user.email} : {count} retirés.")
