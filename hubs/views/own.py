"""/mon-espace/moi/: one's own account in this hub."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from hubs import actions
from hubs.queries import devices_of
from hubs.rules import open_to, person_of_hub


@require_safe
@open_to(person_of_hub)
def devices(request: HttpRequest) -> HttpResponse:
    """The browsers that are signed in to this hub."""
    mine = devices_of(request.user.pk, timezone.now(), current=request.session.session_key)
    return render(request, "hubs/devices.html", {"devices": mine})


@require_POST
@open_to(person_of_hub)
def end_devices(request: HttpRequest) -> HttpResponse:
    """Sign out the browser named by `device`, or without one all but this one."""
    key = request.session.session_key
    if not (asked := request.POST.get("device")):
        count = actions.end_other_sessions(user=request.user, keep=key, by=request.actor)
        words = ngettext("Un appareil est déconnecté.", "%(count)s appareils sont déconnectés.", count)
        messages.success(request, words % {"count": count} if count else _("Il n’y en avait pas d’autre."))
        return redirect("hubs:devices")
    mine = devices_of(request.user.pk, timezone.now(), current=key)
    session = next((device.session for device in mine if device.id == asked and not device.is_this_one), None)
    if session is None:
        raise Http404
    actions.end_session(session=session, by=request.actor)
    messages.success(request, _("L’appareil est déconnecté."))
    return redirect("hubs:devices")
