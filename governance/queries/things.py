"""What the log and the mails name, as staff are shown it."""

from collections.abc import Collection

from django.urls import reverse
from django.utils import timezone

from governance.models import Assembly, Notice, Proxy, RollContest
from governance.queries.notices import addresses_of
from hubs.parts import Thing, ids_of


def things_named(names: Collection[str]) -> dict[str, Thing]:
    """One query for each kind; two more for the addresses of notices, which change."""
    found: dict[str, Thing] = {}
    if ids := ids_of("governance.assembly", names):
        for each in Assembly.objects.filter(pk__in=ids):
            found[f"governance.assembly:{each.pk}"] = Thing(
                str(each), reverse("governance:assembly", args=[each.public_id])
            )
    if ids := ids_of("governance.notice", names):
        found.update(_notices(ids))
    if ids := ids_of("governance.proxy", names):
        for proxy in Proxy.objects.filter(pk__in=ids).select_related("giver__assembly", "holder"):
            url = reverse("governance:proxies", args=[proxy.giver.assembly.public_id])
            found[f"governance.proxy:{proxy.pk}"] = Thing(str(proxy), url)
    if ids := ids_of("governance.rollcontest", names):
        held = RollContest.objects.filter(pk__in=ids).select_related("assembly", "organisation", "person")
        for contest in held:
            url = reverse("governance:contests", args=[contest.assembly.public_id])
            found[f"governance.rollcontest:{contest.pk}"] = Thing(str(contest), url)
    return found


def _notices(ids: list[int]) -> dict[str, Thing]:
    notices = Notice.objects.filter(pk__in=ids).select_related(
        "entry__assembly", "entry__membership__organisation", "entry__membership__person__user"
    )
    addresses = addresses_of([each.entry for each in notices], timezone.localdate())
    found = {}
    for each in notices:
        person = each.entry.membership.person
        found[f"governance.notice:{each.pk}"] = Thing(
            label=str(each),
            url=reverse("governance:proof", args=[each.entry.assembly.public_id]),
            addresses=addresses[each.entry_id],
            user_id=person.user_id if person is not None else None,
        )
    return found
