"""Paying by card at a provider. A hub has one when the environment says so, and none by default.

Another provider is another module with the four methods of `CardProvider`, named in `PROVIDERS`.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from hubs.refusals import Refusal
from hubs.scope import current_hub

PROVIDERS = {"stripe": "billing.cards.stripe_checkout.StripeCheckout"}


class ProviderAway(Refusal):
    message = _("Le paiement par carte ne répond pas. Réessayez dans quelques minutes, ou payez par virement.")


class NotFromProvider(Refusal):
    """What claims to come from the provider is not signed by it."""


@dataclass(frozen=True)
class Begun:
    """A payment that waits at the provider: its reference there, and where the payer goes."""

    reference: str
    url: str


@dataclass(frozen=True)
class Outcome:
    """What became of it. `paid` is in EUR, and None until it is; `is_over` when nobody can pay it any more."""

    paid: Decimal | None = None
    is_over: bool = False


class CardProvider(Protocol):
    """All raise ProviderAway when the provider does not answer as it should."""

    name: str

    def begin(self, *, key: str, amount: Decimal, label: str, back_url: str, until: dt.datetime) -> Begun:
        """Prepare a payment of `amount` EUR; the same `key` twice is one payment."""
        ...

    def outcome(self, reference: str) -> Outcome: ...

    def end(self, reference: str) -> None:
        """Let nobody pay it any more."""
        ...

    def reference_in(self, body: bytes, signature: str) -> str:
        """The payment that a message of the provider is about, or nothing. Raises NotFromProvider."""
        ...


def card_provider() -> CardProvider | None:
    """The open hub's provider, if it has one."""
    given: Mapping[str, str] | None = settings.CARD_PROVIDERS.get(current_hub().slug)
    if given is None:
        return None
    options = {name: value for name, value in given.items() if name != "provider"}
    provider: CardProvider = import_string(PROVIDERS[given["provider"]])(**options)
    return provider
