"""What the views of assemblies read of a request."""

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from governance.models import Assembly

FORM = ["GET", "HEAD", "POST"]
PAGE = 100


def assembly_at(public_id: str) -> Assembly:
    """The assembly of the open hub at this address, or 404."""
    return get_object_or_404(Assembly, public_id=public_id)


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def page_of(request: HttpRequest, rows: QuerySet) -> Page:
    """The page that is asked for, a hundred rows each."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def pk_in(text: str) -> int:
    """A key as a form sends it; 0, which is nobody's, for anything else."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0
