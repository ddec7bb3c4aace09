"""Every write on assemblies, their roll, their proxies and who came."""

from governance.actions.assemblies import (
    RollFrozen,
    WrongState,
    draw_roll,
    move_assembly,
    prepare_assembly,
)
from governance.actions.attendance import NotOpen, arrive, undo_arrival
from governance.actions.proxies import (
    AlreadyGiven,
    CapReached,
    NoChain,
    OtherCollege,
    TooLate,
    ToOneself,
    give_proxy,
    revoke_proxy,
)

__all__ = [
    "AlreadyGiven",
    "CapReached",
    "NoChain",
    "NotOpen",
    "OtherCollege",
    "RollFrozen",
    "ToOneself",
    "TooLate",
    "WrongState",
    "arrive",
    "draw_roll",
    "give_proxy",
    "move_assembly",
    "prepare_assembly",
    "revoke_proxy",
    "undo_arrival",
]
