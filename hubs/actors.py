"""Who acts: the plain value that actions and rules take as `by`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hubs.enums import STAFF_ROLES, Role


@dataclass(frozen=True)
class Actor:
    """A user in the open hub, with what was true of them when the request or the task began.

    `organisations` maps the id of each structure acted for to the role held in it; `acted_for` is the one that the
    last form was for.
    """

    hub_id: int
    name: str
    user_id: int | None = None
    person_id: int | None = None
    roles: frozenset[str] = frozenset()
    organisations: Mapping[int, str] = field(default_factory=dict)
    acted_for: int | None = None
    is_system: bool = False

    @property
    def first_acted_for(self) -> int | None:
        """The structure that a form proposes: the last one, while one still acts for it."""
        return self.acted_for if self.acts_for(self.acted_for) else next(iter(self.organisations), None)

    @property
    def is_known(self) -> bool:
        return self.person_id is not None or self.is_system

    @property
    def is_guest(self) -> bool:
        """Came in by a guest's link, with no account: acts for one structure, and has nothing of their own here."""
        return self.person_id is not None and self.user_id is None

    @property
    def is_staff(self) -> bool:
        return self.is_system or bool(self.roles & STAFF_ROLES)

    def has(self, *roles: Role) -> bool:
        """Whether the actor holds one of these roles for the hub."""
        return self.is_system or bool(self.roles & set(roles))

    def acts_for(self, organisation_id: int | None) -> bool:
        return organisation_id in self.organisations


def nobody(hub_id: int) -> Actor:
    """A visitor."""
    return Actor(hub_id=hub_id, name="")


def system(hub_id: int) -> Actor:
    """The portal itself: tasks, commands, demo."""
    return Actor(hub_id=hub_id, name="Coursive", is_system=True)
