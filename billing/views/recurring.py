from django.http import Http404


def _none(request, **kwargs):
    raise Http404


add_charge = begin = cancel_charge = every = recurring = change_price = end = charge_skipped = _none
