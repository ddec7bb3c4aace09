from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from hubs.actions import create_hub
from hubs.presets import PRESETS
from hubs.queries import address_of
from hubs.refusals import Refusal


class Command(BaseCommand):
    help = "Opens a hub: manage.py hub create SLUG --preset NAME"

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="opens a new hub, set up by a preset")
        create.add_argument("slug")
        create.add_argument("--preset", choices=sorted(PRESETS), default="petit-pole")
        create.add_argument("--name", default="")
        create.add_argument("--host", default="", help="its address; SLUG.<instance host> unless given")
        create.add_argument("--email", default="", help="first coordinator, who signs in by a code sent there")

    def handle(self, *args: Any, **options: Any) -> None:
        host = options["host"] or f"{options['slug']}.{settings.INSTANCE_HOST}"
        if options["email"]:
            try:
                validate_email(options["email"])
            except ValidationError as error:
                raise CommandError("--email n’est pas une adresse électronique.") from error
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
            self.stdout.write(
                f"Pour entrer : {address}/compte/code/, avec {email}. Un code y arrive par courriel, sans mot de passe."
            )
        else:
            self.stdout.write("Personne ne peut encore s’y connecter : --email donne un accès à la coordination.")
