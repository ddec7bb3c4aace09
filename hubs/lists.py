"""Lists of a hundred rows, sorted as the address says."""

from django.http import HttpRequest
from django_tables2 import RequestConfig, Table

PER_PAGE = 100


def show_page(request: HttpRequest, table: Table) -> None:
    """Sort the table and keep the page asked for: the nearest one there is. How long a page is, nobody asks."""
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(per_page=PER_PAGE)
    table.page = table.paginator.get_page(request.GET.get("page"))
