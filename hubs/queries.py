import datetime as dt
from collections.abc import Collection

from django.conf import settings
from django.db.models import Q
from django.http.request import split_domain_port
from django.urls import reverse

from hubs.actors import Actor
from hubs.enums import Audience
from hubs.models import Announcement, Hub, HubAddress, Mail, Run
from hubs.parts import Thing, ids_of
from hubs.rules import coordinator, follows_up
from hubs.scope import current_hub


def bare(host: str) -> str:
    """The name in a Host header: no port, no capital, no final dot."""
    return split_domain_port(host)[0]


def hub_at(host: str) -> Hub | None:
    """The hub whose address is `host` (a port is ignored), or the pinned one."""
    if settings.PINNED_HUB:
        return Hub.objects.filter(slug=settings.PINNED_HUB).first()
    address = HubAddress.objects.select_related("hub").filter(host=bare(host)).first()
    return address.hub if address else None


def address_of(hub: Hub) -> str:
    """The hub's first address, as links in mail begin: `https://portail.la-coursive.fr`."""
    host = HubAddress.objects.filter(Q(hub=hub)).order_by("-is_main", "id").values_list("host", flat=True).first()
    port = f":{settings.PUBLIC_PORT}" if settings.PUBLIC_PORT else ""
    return f"{'https' if settings.HTTPS else 'http'}://{host}{port}"


def absolute(path: str) -> str:
    """A link to `path` of the open hub that works outside of it."""
    return address_of(current_hub()) + path


def run_with_progress(run_id: int) -> Run:
    """The run with its counts. Raises Run.DoesNotExist."""
    return Run.objects.with_progress().get(pk=run_id)


def things_of_ground(names: Collection[str], actor: Actor) -> dict[str, Thing]:
    """The mails, the runs and the settings of the ground, to those who may open their pages."""
    found: dict[str, Thing] = {}
    hub = current_hub()
    if coordinator(actor) and (name := f"hubs.hub:{hub.pk}") in names:
        found[name] = Thing(label=hub.name, url=reverse("hubs:identity"))
    if not follows_up(actor):
        return found
    if ids := ids_of("hubs.mail", names):
        for mail in Mail.objects.filter(pk__in=ids).only("subject", "is_secret"):
            found[f"hubs.mail:{mail.pk}"] = Thing(label=mail.shown_subject, url=reverse("hubs:mail", args=[mail.pk]))
    if ids := ids_of("hubs.run", names):
        for pk, title in Run.objects.filter(pk__in=ids).values_list("pk", "title"):
            found[f"hubs.run:{pk}"] = Thing(label=title, url=reverse("hubs:run", args=[pk]))
    return found


def announcements_for(actor: Actor, place: str, today: dt.date) -> list[Announcement]:
    """What is told today at the top of the pages of `place`, the menu's name: nothing is asked on a day without."""
    until = current_hub().announcing_until
    if until is None or until <= today:
        return []
    audiences = [Audience.EVERYONE]
    if place == "member_nav" and actor.is_known:
        audiences.append(Audience.MEMBERS)
    if place == "staff_nav" and actor.is_staff:
        audiences.append(Audience.STAFF)
    told = Announcement.objects.live(today).filter(audience__in=audiences)
    return list(told.order_by("starts_on", "pk"))
