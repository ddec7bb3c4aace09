"""/langue/: the language that someone picks, here and on their next browser."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from hubs import languages
from hubs.actions import choose_language
from hubs.rules import anyone, open_to


@require_POST
@open_to(anyone)
def choose(request: HttpRequest) -> HttpResponse:
    """Back to the page one was reading, in the language asked; one that the hub does not offer changes nothing."""
    wanted, back = request.POST.get("language", ""), request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if is_ours else "/")
    if wanted in request.hub.languages:
        languages.keep(response, wanted)
        if request.actor.is_known:
            choose_language(user=request.user, language=wanted)
    return response
