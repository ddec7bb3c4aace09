"""What a file of returns would do, line by line, before anything is written."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext as _

from billing.bank_returns import SUSPENDING, ReturnLine, read, reason_of
from billing.enums import DebitState
from billing.models import BankReturn, Debit, DebitBatch
from documents.storage import read as read_stored
from hubs import french

# What the bank may still refuse or take back.
REACHABLE = (DebitState.IN_FILE, DebitState.COLLECTED)


@dataclass(frozen=True)
class ReturnFate:
    """A line of the file, the debit it is about, and what applying it does."""

    line: ReturnLine
    debit: Debit | None
    words: str
    applies: bool = False

    @property
    def code(self) -> str:
        return self.line.code

    @property
    def reason(self) -> str:
        return reason_of(self.line.code)

    @property
    def suspends(self) -> bool:
        """Whether the mandate is suspended until someone has spoken with its holder."""
        return self.applies and self.line.code in SUSPENDING


def fates_of(bank_return: BankReturn) -> list[ReturnFate]:
    """The fate of each line as things stand; three queries, whatever their number."""
    return fates(read(read_stored(bank_return.file.key)))


def fates(lines: list[ReturnLine]) -> list[ReturnFate]:
    by_reference: dict[str, list[Debit]] = defaultdict(list)
    wanted = {line.end_to_end for line in lines if line.end_to_end}
    for debit in Debit.objects.asked().for_display().filter(end_to_end__in=wanted).order_by("pk"):
        by_reference[debit.end_to_end].append(debit)
    found: list[ReturnFate] = []
    seen: set[int] = set()
    for line in lines:
        for fate in _of_whole(line) if not line.end_to_end else [_of_one(line, by_reference[line.end_to_end])]:
            if fate.applies and fate.debit is not None and fate.debit.pk in seen:
                fate = ReturnFate(
                    line, fate.debit, _("Dite deux fois dans ce fichier\u00a0: elle ne compte qu’une fois.")
                )
            elif fate.applies and fate.debit is not None:
                seen.add(fate.debit.pk)
            found.append(fate)
    return found


def _of_whole(line: ReturnLine) -> list[ReturnFate]:
    """Every debit of a file that the bank refused whole."""
    batch = DebitBatch.objects.filter(message_id=line.message_id).first()
    if batch is None:
        return [ReturnFate(line, None, _("La banque refuse un fichier qui ne vient pas d’ici."))]
    debits = Debit.objects.asked().for_display().filter(batch=batch).order_by("pk")
    return [_told(line, debit) for debit in debits]


def _of_one(line: ReturnLine, candidates: list[Debit]) -> ReturnFate:
    if not candidates:
        return ReturnFate(line, None, _("Aucun prélèvement ne porte cette référence."))
    if line.currency not in ("", "EUR"):
        return ReturnFate(line, None, _("Devise %s\u00a0: les prélèvements sont en euros.") % line.currency)
    # The numbers of two issuers of the hub may be the same: the mandate or the message tells them apart.
    for keep in (
        lambda debit: not line.rum or debit.mandate.rum == line.rum,
        lambda debit: not line.message_id or debit.batch.message_id == line.message_id,
    ):
        candidates = [debit for debit in candidates if keep(debit)] or candidates
    if len(candidates) > 1:
        return ReturnFate(
            line, None, _("Plusieurs prélèvements portent cette référence\u00a0: notez le rejet à la main.")
        )
    (debit,) = candidates
    if line.amounts and debit.amount not in line.amounts:
        words = _("Le montant diffère\u00a0: %s ont été demandés.") % french.euros(debit.amount)
        return ReturnFate(line, debit, words)
    return _told(line, debit)


def _told(line: ReturnLine, debit: Debit) -> ReturnFate:
    if debit.state not in REACHABLE:
        return ReturnFate(line, debit, _("Déjà noté\u00a0: rien ne change."))
    if debit.state == DebitState.COLLECTED:
        words = _("Le paiement est annulé, et la facture est due de nouveau.")
    else:
        words = _("Le prélèvement est rejeté, et la facture reste due.")
    return ReturnFate(line, debit, words, applies=True)
