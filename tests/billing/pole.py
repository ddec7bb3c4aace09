"""La Coursive as a story finds it, and its people at their browsers."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from decimal import Decimal

from django.db import connection

from billing.tasks import gather_charges
from hubs import french
from hubs.actions import create_hub
from hubs.enums import Role, SecondFactor
from hubs.models import Hub, Mail
from hubs.scope import open_hub
from members.models import College, FiscalYear
from parties.enums import LinkRole
from parties.models import Person
from tests.client import CheckingClient
from tests.hubs.factories import StaffRoleFactory
from tests.members.factories import MembershipFactory
from tests.parties.factories import LinkFactory, OrganisationFactory, PersonFactory
from tests.visitor import Visitor, plain

D = Decimal
HOST = "la-coursive.localhost"


def la_coursive() -> Hub:
    """La Coursive: its team, two members in their offices, and a studio that arrives."""
    hub = create_hub(
        slug="la-coursive", preset="la-coursive", host=HOST, today=dt.date(2026, 10, 1),
        second_factor=SecondFactor.NOBODY,
    )  # fmt: skip
    with open_hub(hub):
        for role, name in ((Role.COORDINATOR, "Aurélie"), (Role.ACCOUNTANT, "Bruno")):
            StaffRoleFactory(user=PersonFactory(with_account=True, given_name=name).user, role=role)
        college, year = College.objects.get(name="Structures membres"), FiscalYear.objects.get(label="2026")
        for name, given in (("Zutique", "Zoé"), ("Radio Quetsche", "Rachid")):
            structure = OrganisationFactory(name=name, email=f"factures@{given.lower()}.example")
            LinkFactory(organisation=structure, role=LinkRole.ADMINISTRATOR, person__given_name=given)
            MembershipFactory(organisation=structure, college=college, fiscal_year=year)
        OrganisationFactory(
            name="Studio Papier calque", email="studio@papier.example", address="", postcode="", town=""
        )
    return hub


class Pole:
    """The hub and who is at a browser; weeks later a session is over, and they sign in again."""

    def __init__(self, hub: Hub, work: Callable[[Hub], int]) -> None:
        self.hub, self._work = hub, work

    def work(self) -> None:
        self._work(self.hub)

    def night(self) -> None:
        """What falls due that month comes on the accounts."""
        gather_charges()

    def seal(self) -> None:
        """What each commit does: a test commits nothing."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    def visitor(self, given_name: str) -> Visitor:
        client = CheckingClient(headers={"host": HOST})
        with open_hub(self.hub):
            client.force_login(Person.objects.get(given_name=given_name).user)
        return Visitor(client)

    def accountant(self) -> Visitor:
        bruno = self.visitor("Bruno")
        bruno.open("/gestion/facturation/")
        return bruno

    def mails_to(self, email: str) -> list[str]:
        with open_hub(self.hub):
            return [mail.subject for mail in Mail.objects.filter(to=[email]).order_by("pk")]


def amount_of(text: str) -> Decimal:
    """« −1 234,50 € » as a page says it."""
    return D(re.sub(r"[^\d,-]", "", text.replace("−", "-")).replace(",", "."))


def euros(amount: Decimal) -> str:
    return plain(french.euros(amount))


def table_of(content: bytes, delimiter: str = ";") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=delimiter))
