"""The roll as staff mend it: proxies received on paper, and contests to answer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents.downloads import attachment
from governance import actions
from governance.enums import AssemblyState
from governance.forms.roll import AnswerForm, PaperProxyForm
from governance.models import Proxy, RollContest
from governance.queries import contests_of, proxies_of
from governance.rules import keeps_desk, runs_assemblies
from governance.views.asked import FORM, assembly_at, page_of, pk_in, posted
from hubs.refusals import Refusal
from hubs.rules import open_to
from members.models import College


@require_http_methods(FORM)
@open_to(runs_assemblies)
def proxies(request: HttpRequest, public_id: str) -> HttpResponse:
    """The proxies in force, and the form for one that came on paper."""
    found = assembly_at(public_id)
    form = PaperProxyForm(posted(request), request.FILES if request.method == "POST" else None, assembly=found)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        paper = actions.PaperForm(data["brought_by"], data.get("content", b""), data.get("content_type", ""))
        try:
            actions.give_proxy(
                giver=data["giver"], holder=data["holder"], paper=paper, now=timezone.now(),
                by=request.actor,  # type: ignore[attr-defined]
            )  # fmt: skip
        except Refusal as refusal:
            refusal.tell(form)
        else:
            messages.success(request, _("Le pouvoir est noté."))
            return redirect("governance:proxies", found.public_id)
    context = {
        "assembly": found,
        "form": form,
        "proxies": page_of(request, proxies_of(found)),
        "is_open": found.state in (AssemblyState.CONVENED, AssemblyState.FROZEN),
    }
    return render(request, "governance/proxies.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(runs_assemblies)
def proxy_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    found = assembly_at(public_id)
    asked = pk_in(request.POST.get("proxy", ""))
    proxy = get_object_or_404(Proxy.objects.select_related("giver__membership"), pk=asked, giver__assembly=found)
    try:
        actions.revoke_proxy(proxy=proxy, by=request.actor, now=timezone.now())  # type: ignore[attr-defined]
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("Le pouvoir est révoqué."))
    return redirect("governance:proxies", found.public_id)


@require_safe
@open_to(runs_assemblies)
def proxy_scan(request: HttpRequest, public_id: str, proxy: str) -> HttpResponse:
    """The paper, as it was signed."""
    held = Proxy.objects.select_related("scan")
    found = get_object_or_404(held, pk=pk_in(proxy), giver__assembly__public_id=public_id)
    if found.scan is None:
        raise Http404
    return attachment(found.scan)


@require_http_methods(FORM)
@open_to(keeps_desk)
def contests(request: HttpRequest, public_id: str) -> HttpResponse:
    """What members say is wrong; each answer with its reason."""
    found, actor = assembly_at(public_id), request.actor  # type: ignore[attr-defined]
    if request.method == "POST" and not runs_assemblies(actor):
        raise PermissionDenied
    asked, lines, status = pk_in(request.POST.get("contest", "")), [], 200
    colleges = list(College.objects.live(found.roll_on).by_rank())
    may_answer = runs_assemblies(actor) and found.state == AssemblyState.CONVENED
    shown = page_of(request, contests_of(found))
    for contest in shown:
        form = None
        if contest.granted is None and may_answer:
            form = AnswerForm(request.POST if contest.pk == asked else None, contest=contest, colleges=colleges)
            if form.is_bound and _answered(request, contest, form):
                return redirect("governance:contests", found.public_id)
            status = 422 if form.errors else status
        lines.append((contest, form))
    context = {"assembly": found, "lines": lines, "shown": shown}
    return render(request, "governance/contests.html", context, status=status)


def _answered(request: HttpRequest, contest: RollContest, form: AnswerForm) -> bool:
    if not form.is_valid():
        return False
    try:
        actions.answer_contest(contest=contest, by=request.actor, now=timezone.now(), **form.cleaned_data)  # type: ignore[attr-defined]
    except Refusal as refusal:
        refusal.tell(form)
        return False
    messages.success(request, _("La réponse est notée, et se lit dans l’espace du membre."))
    return True
