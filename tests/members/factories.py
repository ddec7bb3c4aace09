import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from documents.actions import store_file
from members.enums import DuesBasis, LateRule, MemberKind, PageState, Standing
from members.models import Application, College, DuesBracket, DuesScale, FiscalYear, Membership, PagePicture, PublicPage
from tests.parties.factories import OrganisationFactory


class CollegeFactory(DjangoModelFactory):
    class Meta:
        model = College

    name = factory.Sequence(lambda n: f"Collège {n}")
    rank = 1
    starts_on = dt.date(2010, 12, 2)


class FiscalYearFactory(DjangoModelFactory):
    """A calendar year: `FiscalYearFactory(year=2026)`."""

    class Meta:
        model = FiscalYear

    class Params:
        year = 2026

    label = factory.LazyAttribute(lambda fiscal_year: str(fiscal_year.year))
    starts_on = factory.LazyAttribute(lambda fiscal_year: dt.date(fiscal_year.year, 1, 1))
    ends_on = factory.LazyAttribute(lambda fiscal_year: dt.date(fiscal_year.year + 1, 1, 1))


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    organisation = factory.SubFactory(OrganisationFactory)
    college = factory.SubFactory(CollegeFactory)
    fiscal_year = factory.SubFactory(FiscalYearFactory)
    kind = MemberKind.RESIDENT

    class Params:
        left = factory.Trait(standing=Standing.LEFT, left_on=dt.date(2026, 7, 1))


class ApplicationFactory(DjangoModelFactory):
    """A structure's, received today, at the first step of its college's path."""

    class Meta:
        model = Application

    token_hash = factory.Sequence(lambda n: f"{n:064d}")
    college = factory.SubFactory(CollegeFactory)
    structure_name = factory.Sequence(lambda n: f"Candidate {n}")
    given_name = "Inès"
    family_name = "Faivre"
    email = factory.Sequence(lambda n: f"candidate{n}@exemple.example")
    why = "Partager des bureaux."
    path = factory.LazyAttribute(lambda application: application.college.path)
    created_at = factory.LazyFunction(timezone.now)
    consented_at = factory.LazyFunction(timezone.now)

    class Params:
        of_person = factory.Trait(structure_name="")


class DuesScaleFactory(DjangoModelFactory):
    """A draft for all colleges, on jobs: 300 € under 6, 800 € from 6, 4,000 € from 50. `adopted` freezes it."""

    class Meta:
        model = DuesScale
        skip_postgeneration_save = True

    label = "barème 2026"
    fiscal_year = factory.SubFactory(FiscalYearFactory)
    basis = DuesBasis.FTE
    late_rule = LateRule.MONTHS

    @factory.post_generation
    def brackets(scale, create, extracted):
        for first, last, amount in extracted or ((0, 6, 300), (6, 50, 800), (50, None, 4000)):
            DuesBracket.objects.create(scale=scale, from_value=first, to_value=last, amount=amount)

    @factory.post_generation
    def adopted(scale, create, extracted):
        if extracted:
            scale.adopted_on, scale.adopted_by = extracted, "assemblée générale"
            scale.save()


class PublicPageFactory(DjangoModelFactory):
    """A draft. `published` is shown to everyone, confirmed today."""

    class Meta:
        model = PublicPage

    organisation = factory.SubFactory(OrganisationFactory)
    tagline = "Des affiches faites main."

    class Params:
        published = factory.Trait(
            state=PageState.PUBLISHED,
            published_on=factory.LazyFunction(timezone.localdate),
            confirmed_on=factory.LazyFunction(timezone.localdate),
        )


class PagePictureFactory(DjangoModelFactory):
    """The last picture of its page: a small drawing, in all three widths the same bytes."""

    class Meta:
        model = PagePicture

    page = factory.SubFactory(PublicPageFactory)
    rank = factory.LazyAttribute(lambda picture: picture.page.pictures.count() + 1)
    alt = "Une affiche"
    small = factory.LazyFunction(lambda: store_file(name="x.webp", content_type="image/webp", content=b"RIFF"))
    medium = factory.SelfAttribute("small")
    large = factory.SelfAttribute("small")
