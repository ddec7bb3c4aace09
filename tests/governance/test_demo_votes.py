from django.utils import timezone

from documents.models import Document
from governance import demo_votes
from governance.models import Assembly, Minutes, Poll, Resolution
from hubs.scope import open_hub
from tests.members.factories import CollegeFactory, FiscalYearFactory, MembershipFactory


def test_the_demo_holds_an_assembly_with_a_secret_and_a_weighted_vote_and_its_minutes(nord):
    today = timezone.localdate()
    with open_hub(nord.hub):
        colleges = [CollegeFactory(rank=rank) for rank in (1, 2)]
        for year in (today.year - 1, today.year):
            fiscal_year = FiscalYearFactory(year=year)
            for college in colleges:
                MembershipFactory.create_batch(4, college=college, fiscal_year=fiscal_year)

        demo_votes.fill(today)
        demo_votes.fill(today)

        assert Assembly.objects.get().state == "closed"
        assert list(Resolution.objects.order_by("rank").values_list("ballot", "counting", "outcome")) == [
            ("hands", "heads", "adopted"),
            ("secret", "heads", "adopted"),
            ("hands", "colleges", "adopted"),
        ]
        assert (Minutes.objects.get().number[:3], Document.objects.count(), Poll.objects.count()) == ("PV-", 2, 1)
