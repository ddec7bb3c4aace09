import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q
from django.http.request import split_domain_port
from django.urls import reverse
from django.utils.crypto import salted_hmac

from hubs.actors import Actor
from hubs.devices import name_of
from hubs.enums import Audience, ItemState, MailState
from hubs.models import Announcement, Hub, HubAddress, Mail, Run, RunItem, Session
from hubs.parts import Thing, ids_of
from hubs.rules import coordinator, follows_up
from hubs.scope import current_hub, current_hub_id

_HUB_FIELDS = [field.attname for field in Hub._meta.concrete_fields]
_HUB_AT = (
    f"SELECT {', '.join(f'hubs_hub.{field.column}' for field in Hub._meta.concrete_fields)} "  # noqa: S608  # ours alone
    "FROM hubs_hub JOIN hubs_hubaddress ON hub_id = hubs_hub.id WHERE host = %s"
)


def bare(host: str) -> str:
    """The name in a Host header: no port, no capital, no final dot."""
    return split_domain_port(host)[0]


def hub_at(host: str) -> Hub | None:
    """The hub whose address is `host` (a port is ignored), or the pinned one."""
    if settings.PINNED_HUB:
        return Hub.objects.filter(slug=settings.PINNED_HUB).first()
    # Every request begins here: as a plain statement it costs a third of what building the queryset does.
    with connection.cursor() as cursor:
        cursor.execute(_HUB_AT, [bare(host)])
        row = cursor.fetchone()
    return Hub.from_db(connection.alias, _HUB_FIELDS, row) if row else None


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


@dataclass(frozen=True)
class Waiting:
    """What has not left and what is not done in the open hub, and since when."""

    mails_queued: int
    mails_failed: int
    items_todo: int
    items_failed: int
    oldest_mail: dt.timedelta
    oldest_item: dt.timedelta


def waiting(now: dt.datetime) -> Waiting:
    """Four counts, each from an index that holds these rows alone."""
    mails = Mail.objects.filter(state=MailState.QUEUED).aggregate(count=Count("pk"), since=Min("queued_at"))
    items = RunItem.objects.filter(state=ItemState.TODO).aggregate(count=Count("pk"), since=Min("run__started_at"))
    return Waiting(
        mails_queued=mails["count"],
        mails_failed=Mail.objects.filter(state=MailState.FAILED).count(),
        items_todo=items["count"],
        items_failed=RunItem.objects.filter(state=ItemState.FAILED).count(),
        oldest_mail=now - (mails["since"] or now),
        oldest_item=now - (items["since"] or now),
    )


@dataclass(frozen=True)
class Device:
    """A browser signed in to the open hub. `id` names it on pages, where its key must not be read."""

    session: Session
    id: str
    is_this_one: bool

    @property
    def name(self) -> str:
        return name_of(self.session.agent)


def devices_of(user_id: int, now: dt.datetime, *, current: str) -> list[Device]:
    """The user's browsers, this one first and then the last seen."""
    sessions = Session.objects.filter(hub=current_hub_id(), user=user_id, expire_date__gt=now)
    found = [
        Device(session, salted_hmac("hubs.devices", session.pk).hexdigest()[:16], session.pk == current)
        for session in sessions.order_by("-seen_at", "pk")
    ]
    return sorted(found, key=lambda device: not device.is_this_one)


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
