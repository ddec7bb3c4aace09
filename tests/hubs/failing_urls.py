"""The house, and views that write and then fail."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from hubs.rules import anyone, open_to
from tests.parties.factories import OrganisationFactory

FAILURES = {
    "panne": lambda: RuntimeError("boom"),
    "introuvable": lambda: Http404(),
    "interdit": lambda: PermissionDenied(),
    "illisible": lambda: SuspiciousOperation(),
    "arret": lambda: SystemExit("the worker is told to end"),
}


@open_to(anyone)
def write_then_fail(request: HttpRequest, how: str) -> HttpResponse:
    OrganisationFactory(name="Écrite avant la panne")
    if how == "sql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
    if how == "trop-long":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20")
            cursor.execute("SELECT pg_sleep(10)")
    raise FAILURES[how]()


@open_to(anyone)
def write(request: HttpRequest) -> HttpResponse:
    OrganisationFactory(name="Écrite")
    return HttpResponse("fait")


def undeclared(request: HttpRequest) -> HttpResponse:
    return HttpResponse("jamais lu")


handler400 = "hubs.views.shared.bad_request"
handler500 = "hubs.views.shared.server_error"
urlpatterns = [
    path("ecrire/", write),
    path("ecrire/<str:how>/", write_then_fail),
    path("sans-regle/", undeclared),
    path("", include("coursive.urls")),
]
