"""How an action says no: a named error with a message in French, about a field where one is to blame."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.utils.functional import Promise


class Refusal(Exception):
    """Base of the errors that actions raise. `message` is shown to the person as it is."""

    message: str | Promise = ""
    field: str | None = None

    def __init__(self, message: str | Promise | None = None, *, field: str | None = None) -> None:
        self.message = message or self.message
        self.field = field or self.field
        super().__init__(str(self.message))

    def tell(self, form: BaseForm) -> None:
        """Put the message next to its field, or above the form when the field is not on it."""
        form.add_error(self.field if self.field in form.fields else None, str(self.message))


class NotAllowed(Refusal):
    """The rule says that this actor may not: 403."""


@contextmanager
def refusing(refusals: Mapping[str, Callable[[], Refusal]]) -> Iterator[None]:
    """Run the block in a savepoint; turn the violation of a named constraint into its refusal."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name in refusals:
            raise refusals[name]() from error
        raise
