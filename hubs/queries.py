from django.conf import settings
from django.db.models import Q
from django.http.request import split_domain_port

from hubs.models import Hub, HubAddress, Run, Session
from hubs.scope import current_hub, current_hub_id


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


def sessions_of(user_id: int) -> list[Session]:
    """The open hub's sessions signed in to this account: each is read, since the table does not name its user."""
    sessions = Session.objects.filter(hub=current_hub_id()).order_by("-expire_date", "pk")
    return [session for session in sessions if session.get_decoded().get("_auth_user_id") == str(user_id)]
