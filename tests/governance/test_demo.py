from django.utils import timezone

from governance import demo
from governance.models import Assembly, Proxy, RollEntry
from hubs.scope import open_hub
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory


def test_the_demo_holds_one_convened_assembly_with_two_proxies_and_a_draft(nord):
    today = timezone.localdate()
    with open_hub(nord.hub):
        MembershipFactory.create_batch(4, college=CollegeFactory(), fiscal_year=FiscalYearFactory(year=today.year))

        demo.fill(today)
        demo.fill(today)

        assert sorted(Assembly.objects.values_list("state", flat=True)) == ["convened", "draft"]
        assert (RollEntry.objects.count(), Proxy.objects.live().count()) == (4, 2)
