from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from hubs.actions import create_hub
from hubs.models import Hub
from hubs.parts import hub_apps
from hubs.presets import PRESETS
from hubs.queries import address_of
from hubs.refusals import Refusal
from hubs.scope import open_hub


class Command(BaseCommand):
    help = "Opens a hub, or gives one a coordinator: manage.py hub create SLUG --preset NAME"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="opens a new hub, set up by a preset")
        create.add_argument("slug")
        create.add_argument("--preset", choices=sorted(PRESETS), default="petit-pole")
        create.add_argument("--name", default="")
        create.add_argument("--host", default="", help="its address; SLUG.<instance host> unless given")
        create.add_argument("--email", default="", help="first coordinator, who signs in by a code sent there")
        coordinator = verbs.add_parser("coordinator", help="gives a hub one more coordinator, when nobody can inside")
        coordinator.add_argument("slug")
        coordinator.add_argument("--email", required=True, help="who signs in by a code sent there")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["email"]:
            try:
                validate_email(options["email"])
            except ValidationError as error:
                raise CommandError("--email n’est pas une adresse électronique.") from error
        if options["verb"] == "coordinator":
            self._welcome(options["slug"], options["email"])
        else:
            self._create(options)

    def _welcome(self, slug: str, email: str) -> None:
        hub = Hub.objects.filter(slug=slug).first()
        if hub is None:
            raise CommandError(f"Aucun pôle ne s’appelle {slug}.")
        try:
            with open_hub(hub):
                for app in hub_apps(hub):
                    app.welcome_coordinator(email, timezone.localdate())
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self._tell_how(address_of(hub), email)

    def _create(self, options: dict[str, Any]) -> None:
        host = options["host"] or f"{options['slug']}.{settings.INSTANCE_HOST}"
        try:
            hub = create_hub(
                slug=options["slug"],
                preset=options["preset"],
                host=host,
                name=options["name"],
                coordinator=options["email"],
                today=timezone.localdate(),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from refusal
        address = address_of(hub)
        self.stdout.write(f"{hub.name} : {address}/")
        if email := options["email"]:
            self._tell_how(address, email)
        else:
            self.stdout.write("Personne ne peut encore s’y connecter : --email donne un accès à la coordination.")

    def _tell_how(self, address: str, email: str) -> None:
        self.stdout.write(
            f"Pour entrer : {address}/compte/code/, avec {email}. Un code y arrive par courriel, sans mot de passe."
        )
