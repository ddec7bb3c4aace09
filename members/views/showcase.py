"""/mon-espace/page/…: the public page of a structure, by those who administer it; and the staff's list of pages."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.refusals import Refusal
from hubs.rules import open_to, person_of_hub
from members import actions
from members.enums import PageState
from members.forms.showcase import HideForm, PageForm, PictureForm, PictureWordsForm
from members.models import PageContact, PagePicture, PublicPage
from members.queries.showcase import entry_of, pages_for_staff
from members.rules import keeps_memberships, keeps_page
from members.views.directory import told_of
from parties.models import Organisation
from parties.rules import works_for

FORM = ["GET", "HEAD", "POST"]
PER_PAGE = 50


def _organisation(request: HttpRequest, public_id: str) -> Organisation:
    """The structure, for those who write its page."""
    found = get_object_or_404(Organisation.objects.select_related("trade", "public_page"), public_id=public_id)
    if not keeps_page(request.actor, found.pk):  # type: ignore[attr-defined]
        raise PermissionDenied
    return found


def _page(organisation: Organisation) -> PublicPage:
    """Its page, or the empty one that it has before it writes anything."""
    return getattr(organisation, "public_page", None) or PublicPage(organisation=organisation)


@require_http_methods(FORM)
@open_to(person_of_hub)
def page_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = _organisation(request, public_id)
    page = _page(organisation)
    posted = request.POST if request.method == "POST" else None
    form = PageForm(posted, initial={name: getattr(page, name) for name in PageForm.base_fields})
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_page(
                organisation=organisation,
                by=request.actor,  # type: ignore[attr-defined]
                on=timezone.localdate(),
                **form.cleaned_data,
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Votre page est enregistrée."))
            return redirect("members:page_edit", public_id)
    return _edit(request, organisation, page, form=form)


def _edit(
    request: HttpRequest,
    organisation: Organisation,
    page: PublicPage,
    *,
    form: PageForm | None = None,
    adding: PictureForm | None = None,
    hiding: HideForm | None = None,
) -> HttpResponse:
    """The page of editing, with the form that was refused, if one was."""
    form = form or PageForm(initial={name: getattr(page, name) for name in PageForm.base_fields})
    adding = adding or PictureForm()
    hiding = hiding or HideForm()
    actor = request.actor  # type: ignore[attr-defined]
    context = {
        "organisation": organisation,
        "page": page,
        "form": form,
        "adding": adding,
        "pictures": list(page.pictures.order_by("rank")) if page.pk else [],
        "hiding": hiding,
        "may_hide": keeps_memberships(actor),
        "may_publish": page.state != PageState.PUBLISHED
        and (page.state != PageState.HIDDEN or keeps_memberships(actor)),
        "may_withdraw": page.state in (PageState.DRAFT, PageState.PUBLISHED),
        "is_stale": page.is_stale(timezone.localdate()),
        "works_here": works_for(actor, organisation.pk),
    }
    status = 422 if form.errors or adding.errors or hiding.errors else 200
    return render(request, "members/page_edit.html", context, status=status)


@require_safe
@open_to(person_of_hub)
def page_preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page as visitors will read it, published or not."""
    organisation, today = _organisation(request, public_id), timezone.localdate()
    entry = entry_of(organisation, today, is_preview=True)
    context = told_of(request, entry, today) | {"is_preview": True}
    return render(request, "members/structure_page.html", context)


def _done(request: HttpRequest, public_id: str, do: Any, words: str, **given: Any) -> HttpResponse:
    """One act on the page, its message or its refusal's, and back to the page of editing."""
    try:
        do(by=request.actor, **given)  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, words)
    return redirect("members:page_edit", public_id)


@require_POST
@open_to(person_of_hub)
def page_publish(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = _organisation(request, public_id)
    words = _("La page est publiée\u00a0: chacun peut la lire.")
    return _done(request, public_id, actions.publish_page, words, organisation=organisation, on=timezone.localdate())


@require_POST
@open_to(person_of_hub)
def page_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = _organisation(request, public_id)
    words = _("La structure n’est plus dans l’annuaire.")
    return _done(request, public_id, actions.withdraw_page, words, organisation=organisation)


@require_POST
@open_to(person_of_hub)
def page_confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = _organisation(request, public_id)
    words = _("Merci\u00a0: la page dit qu’elle est vérifiée d’aujourd’hui.")
    return _done(request, public_id, actions.confirm_page, words, organisation=organisation, on=timezone.localdate())


@require_POST
@open_to(keeps_memberships)
def page_hide(request: HttpRequest, public_id: str) -> HttpResponse:
    """By the hub, with a reason that the structure reads."""
    organisation = get_object_or_404(Organisation, public_id=public_id)
    form = HideForm(request.POST)
    if not form.is_valid():
        return _edit(request, organisation, _page(organisation), hiding=form)
    words = _("La page est masquée\u00a0; la structure lit pourquoi.")
    return _done(request, public_id, actions.hide_page, words, organisation=organisation, **form.cleaned_data)


@require_http_methods(FORM)
@open_to(person_of_hub)
def page_me(request: HttpRequest, public_id: str) -> HttpResponse:
    """To be named on the page of one's structure, by one's own word, or no longer."""
    actor = request.actor  # type: ignore[attr-defined]
    organisation = get_object_or_404(Organisation.objects.select_related("public_page"), public_id=public_id)
    if not works_for(actor, organisation.pk):
        raise PermissionDenied
    if request.method == "POST":
        if request.POST.get("action") == "show":
            actions.show_me(organisation=organisation, by=actor, now=timezone.now())
            messages.success(request, _("Vous êtes nommé·e sur la page."))
        else:
            actions.hide_me(organisation=organisation, by=actor)
            messages.success(request, _("Vous n’êtes plus nommé·e sur la page."))
        return redirect("members:page_me", public_id)
    contact = PageContact.objects.filter(page__organisation=organisation, person=actor.person_id).first()
    context = {"organisation": organisation, "page": _page(organisation), "contact": contact}
    return render(request, "members/page_me.html", context)


# --- Pictures ---


@require_POST
@open_to(person_of_hub)
def picture_add(request: HttpRequest, public_id: str) -> HttpResponse:
    organisation = _organisation(request, public_id)
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.add_picture(
                organisation=organisation,
                content=form.cleaned_data["file"].read(),
                alt=form.cleaned_data["alt"],
                by=request.actor,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("L’image est sur la page."))
            return redirect("members:page_edit", public_id)
    return _edit(request, organisation, _page(organisation), adding=form)


@require_POST
@open_to(person_of_hub)
def picture_change(request: HttpRequest, public_id: str, picture_id: int) -> HttpResponse:
    """`action` is first, up, down, describe or remove."""
    organisation = _organisation(request, public_id)
    held = PagePicture.objects.select_related("page__organisation").filter(page__organisation=organisation)
    picture = get_object_or_404(held, pk=picture_id)
    action = request.POST.get("action")
    ranks = {"first": 1, "up": picture.rank - 1, "down": picture.rank + 1}
    if action in ranks:
        words = _("L’image a changé de place.")
        return _done(request, public_id, actions.move_picture, words, picture=picture, to=ranks[action])
    if action == "describe":
        form = PictureWordsForm(request.POST)
        if not form.is_valid():
            messages.error(request, form.errors["alt"][0])
            return redirect("members:page_edit", public_id)
        words = _("L’image est décrite autrement.")
        return _done(request, public_id, actions.describe_picture, words, picture=picture, alt=form.cleaned_data["alt"])
    if action == "remove":
        return _done(request, public_id, actions.remove_picture, _("L’image est retirée."), picture=picture)
    raise Http404


# --- Staff ---


@require_safe
@open_to(keeps_memberships)
def public_pages(request: HttpRequest) -> HttpResponse:
    """The pages of the members, and which of them nobody has read again for a year."""
    today = timezone.localdate()
    page = Paginator(pages_for_staff(today), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(each, _page(each)) for each in page]
    stale = {each.pk for each, held in rows if held.state == PageState.PUBLISHED and held.is_stale(today)}
    return render(request, "members/public_pages.html", {"page": page, "rows": rows, "stale": stale})
