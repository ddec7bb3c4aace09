from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.http import require_safe

from coursive.urls import handler500  # noqa: F401
from hubs.rules import open_to, person_of_hub


@require_safe
@open_to(person_of_hub)
def empty(request: HttpRequest) -> HttpResponse:
    """What every page of mon espace pays before it says anything."""
    return render(request, "bench/empty.html")


urlpatterns = [path("mon-espace/vide/", empty), path("", include("coursive.urls"))]
