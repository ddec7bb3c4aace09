"""Lists of a hundred rows, sorted as the address says."""

from django.http import HttpRequest
from django_tables2 import RequestConfig, Table

from hubs.exports import TYPES

PER_PAGE = 100


def show_page(request: HttpRequest, table: Table) -> None:
    """Sort the table and keep the page asked for: the nearest one there is. How long a page is, nobody asks."""
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(per_page=PER_PAGE)
    table.page = table.paginator.get_page(request.GET.get("page"))


def export_links(request: HttpRequest) -> dict[str, str]:
    """Where the list is a file, as it is filtered and sorted: by its kind, « csv » and « xlsx »."""
    query = request.GET.copy()
    query.pop("page", None)
    found = {}
    for kind in TYPES:
        query["export"] = kind
        found[kind] = f"?{query.urlencode()}"
    return found
