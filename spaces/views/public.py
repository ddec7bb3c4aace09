"""The places, as a visitor sees them: what there is, and what it costs from outside."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from billing.money import price_shown
from hubs.rules import anyone, open_to
from spaces import queries
from spaces.enums import PayerKind, PricePer
from spaces.models import Pool, Price


@require_safe
@open_to(anyone)
def places(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    pools = Pool.objects.live(today).select_related("site").by_rank()
    prices = defaultdict(list)
    external = Price.objects.live(today).filter(payer=PayerKind.EXTERNAL).order_by("amount", "pk")
    rates = queries.rates_on(today)
    for price in external:
        shown = price_shown(price.amount, rates.get(price.vat_code), to_person=True)
        prices[price.pool_id].append({"amount": shown.incl, "per": PricePer(price.per).label})
    return render(
        request, "spaces/places.html", {"places": [{"pool": pool, "prices": prices[pool.pk]} for pool in pools]}
    )
