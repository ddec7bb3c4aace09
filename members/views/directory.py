"""/annuaire/: the member structures for the public, their pages and pictures, the showcase and the open data."""

import datetime as dt
from collections.abc import Iterator

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from documents.storage import read
from hubs.exports import download
from hubs.queries import absolute
from hubs.rules import anyone, open_to
from members.cards import cards
from members.forms.showcase import SearchForm
from members.models import PagePicture
from members.pictures import WIDTHS
from members.queries.directory import PER_PAGE, Found, found_in_directory, makers_on, places_and_trades
from members.queries.showcase import (
    Entry,
    entries_of,
    entry_of,
    people_by_structure,
    picture_is_public,
    shown_in_directory,
)
from members.rules import keeps_page

LICENCE = "Licence Ouverte 2.0"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
FOR_AN_HOUR = cache_control(public=True, max_age=3_600)


@require_safe
@open_to(anyone)
def directory(request: HttpRequest) -> HttpResponse:
    """Structures only, and no person. What the form does not know is not asked."""
    today = timezone.localdate()
    form = _search_form(request)
    found = found_in_directory(form.wanted, today, number=_number(request))
    return _shown(request, "members/directory.html", form, found, "wide")


def _shown(request: HttpRequest, template: str, form: SearchForm, found: Found, ratio: str) -> HttpResponse:
    context = {
        "page": Paginator(range(found.total), PER_PAGE).get_page(found.number),
        "lines": found.lines,
        "cards": cards(found.lines, ratio=ratio),
        "form": form,
        "wanted": form.wanted,
        "is_alike": found.is_alike,
    }
    return render(request, template, context)


def _number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _search_form(request: HttpRequest) -> SearchForm:
    towns, trades = places_and_trades()
    return SearchForm(request.GET, towns=towns, trades=trades)


@require_safe
@open_to(anyone)
def showcase(request: HttpRequest) -> HttpResponse:
    """Who makes what: pictures first."""
    today = timezone.localdate()
    form = _search_form(request)
    found = makers_on(form.wanted, today, number=_number(request))
    return _shown(request, "members/showcase.html", form, found, "square")


@require_safe
@open_to(anyone)
def structure_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """A page that a visitor shares. Of someone who left the hub or the directory, there is none."""
    today = timezone.localdate()
    organisation = get_object_or_404(shown_in_directory(today), public_id=public_id)
    return render(request, "members/structure_page.html", told_of(request, entry_of(organisation, today), today))


def told_of(request: HttpRequest, entry: Entry, today: dt.date) -> dict[str, object]:
    """What the template of a page shows, published or previewed."""
    organisation = entry.organisation
    cover = entry.cover
    return {
        "entry": entry,
        "organisation": organisation,
        "kicker": organisation.trade.name if organisation.trade else "",
        "lead": entry.page.tagline if entry.page else "",
        "is_preview": False,
        "is_stale": entry.page is not None and entry.page.is_stale(today),
        "url": absolute(reverse("members:structure_page", args=[organisation.public_id])),
        "cover_url": absolute(picture_url(cover, WIDTHS[1])) if cover else "",
        "may_edit": keeps_page(request.actor, organisation.pk),  # type: ignore[attr-defined]
    }


def picture_url(picture: PagePicture, width: int) -> str:
    return reverse("members:picture", args=[picture.pk, width])


@require_safe
@open_to(anyone)
def picture(request: HttpRequest, picture_id: int, width: int) -> HttpResponse:
    """A picture, to everyone while its page is shown, else to those who write the page. Its bytes never change."""
    if width not in WIDTHS:
        raise Http404
    held = PagePicture.objects.select_related("page", "small", "medium", "large")
    kept = get_object_or_404(held, pk=picture_id)
    file = dict(zip(WIDTHS, (kept.small, kept.medium, kept.large), strict=True))[width]
    if picture_is_public(kept, timezone.localdate()):
        caching = "public, max-age=31536000, immutable"
    elif keeps_page(request.actor, kept.page.organisation_id):  # type: ignore[attr-defined]
        caching = "private, no-store"
    else:
        raise Http404
    etag = f'"{file.sha256}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(read(file.key), content_type=file.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = caching
    return response


# --- Open data ---


def _columns() -> list[tuple[str, str]]:
    """The columns of the open data, and what each holds."""
    return [
        ("nom", _("Le nom de la structure.")),
        ("metier", _("Son métier, dans la liste du pôle.")),
        ("commune", _("Sa commune.")),
        ("site", _("Son site.")),
        ("accroche", _("Ce qu’elle dit d’elle en une phrase.")),
        ("presentation", _("Ce qu’elle dit d’elle.")),
        ("savoir_faire", _("Ce qu’elle sait faire.")),
        ("offre", _("Ce qu’elle vend ou propose.")),
        ("prend_des_commandes", _("«\u00a0oui\u00a0» ou «\u00a0non\u00a0».")),
        ("commander", _("Comment lui commander quelque chose.")),
        ("horaires", _("Ses horaires.")),
        ("lieu", _("Où la trouver.")),
        ("liens", _("D’autres adresses, séparées par une espace.")),
        ("courriel", _("Son adresse électronique, si elle la montre.")),
        ("telephone", _("Son téléphone, si elle le montre.")),
        ("adresse", _("Son adresse postale, si elle la montre.")),
        ("personnes", _("Les personnes qui ont accepté d’être nommées.")),
        ("page", _("L’adresse de sa page dans l’annuaire.")),
        ("image", _("L’adresse de sa première image.")),
        ("verifiee_le", _("Le dernier jour où elle a dit sa page juste (AAAA-MM-JJ).")),
        ("licence", _("La licence de ces données.")),
    ]


def _rows(today: dt.date) -> Iterator[dict[str, str]]:
    entries = entries_of(shown_in_directory(today).by_name())
    people = people_by_structure(entries, today)
    for entry in entries:
        organisation, page = entry.organisation, entry.page
        yield {
            "nom": organisation.name,
            "metier": organisation.trade.name if organisation.trade else "",
            "commune": organisation.town,
            "site": entry.website,
            "accroche": page.tagline if page else "",
            "presentation": page.text if page else "",
            "savoir_faire": page.skills if page else "",
            "offre": page.offer if page else "",
            "prend_des_commandes": "oui" if entry.takes_orders else "non",
            "commander": page.ordering if page and page.takes_orders else "",
            "horaires": page.opening_times if page else "",
            "lieu": page.place if page else "",
            "liens": " ".join(page.links) if page else "",
            "courriel": entry.email,
            "telephone": entry.phone,
            "adresse": ", ".join(entry.address_lines),
            "personnes": ", ".join(people.get(organisation.pk, [])),
            "page": absolute(reverse("members:structure_page", args=[organisation.public_id])),
            "image": absolute(picture_url(entry.cover, WIDTHS[-1])) if entry.cover else "",
            "verifiee_le": f"{page.confirmed_on:%Y-%m-%d}" if page and page.confirmed_on else "",
            "licence": LICENCE,
        }


@require_safe
@open_to(anyone)
def open_data(request: HttpRequest) -> HttpResponse:
    """What may be taken from the directory, under which licence, column by column."""
    return render(
        request,
        "members/open_data.html",
        {"columns": _columns(), "licence": LICENCE, "licence_url": LICENCE_URL},
    )


@require_safe
@open_to(anyone)
@FOR_AN_HOUR
def open_data_csv(request: HttpRequest) -> HttpResponse:
    header = [name for name, _words in _columns()]
    return download("annuaire", "csv", header, [[row[name] for name in header] for row in _rows(timezone.localdate())])


@require_safe
@open_to(anyone)
@FOR_AN_HOUR
def open_data_json(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    told = {
        "source": request.hub.name,  # type: ignore[attr-defined]
        "licence": LICENCE,
        "licence_url": LICENCE_URL,
        "date": f"{today:%Y-%m-%d}",
        "structures": list(_rows(today)),
    }
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False})
