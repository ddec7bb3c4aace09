"""Who may: predicates on the actor, and the decorators by which every view declares its rule."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase

from hubs.actors import Actor
from hubs.enums import Role

Rule = Callable[[Actor], bool]
View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def anyone(actor: Actor) -> bool:
    """The public."""
    return True


def known(actor: Actor) -> bool:
    """Whoever came in: with an account, or by a guest's link."""
    return actor.is_known


def person_of_hub(actor: Actor) -> bool:
    """Anyone who has signed in to this hub with an account."""
    return actor.is_known and not actor.is_guest


def staff(actor: Actor) -> bool:
    return actor.is_staff


def coordinator(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR)


def accounts(actor: Actor) -> bool:
    """Who sees and moves the hub's money."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT)


def only_accounts(actor: Actor) -> bool:
    """Whoever keeps the accounts and none of the other settings: those of invoices are in their menu."""
    return accounts(actor) and not coordinator(actor)


def follows_up(actor: Actor) -> bool:
    """Who follows the mails and the runs, and sends again what failed: they tell who is invoiced, and where."""
    return actor.has(Role.COORDINATOR, Role.ACCOUNTANT)


def open_to(rule: Rule) -> Callable[[View], View]:
    """Declare who may open a view. RuleMiddleware asks the rule; a test finds views without one."""

    def declare(view: View) -> View:
        @wraps(view)
        def declared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        declared.rule = rule  # type: ignore[attr-defined]
        return login_not_required(declared) if rule is anyone else declared  # type: ignore[return-value]

    return declare
