"""Reads of billing, for its pages and for the other apps."""

from billing.queries.accounts import Movement, Statement, accounts_of, recipients, statement
from billing.queries.einvoice import (
    Step,
    buyer_of_account,
    checks_under_way,
    chorus_invoices,
    readiness,
    waiting_for_chorus,
)
from billing.queries.months import (
    Anomaly,
    DraftPlan,
    Held,
    MonthPlan,
    MonthProgress,
    Result,
    month_plan,
    month_progress,
    month_results,
    month_to_close,
    results_of,
)
from billing.queries.recurring import (
    Gathering,
    gathering_of,
    monthly_by_kind,
    recurring_list,
    recurring_of,
    recurring_on,
    with_price,
    with_terms,
)
from billing.queries.suppliers import Remark, remarks_on
from billing.queries.things import things_named

__all__ = [
    "Anomaly",
    "DraftPlan",
    "Gathering",
    "Held",
    "MonthPlan",
    "MonthProgress",
    "Movement",
    "Remark",
    "Result",
    "Statement",
    "Step",
    "accounts_of",
    "buyer_of_account",
    "checks_under_way",
    "chorus_invoices",
    "gathering_of",
    "month_plan",
    "month_progress",
    "month_results",
    "month_to_close",
    "monthly_by_kind",
    "readiness",
    "recipients",
    "recurring_list",
    "recurring_of",
    "recurring_on",
    "remarks_on",
    "results_of",
    "statement",
    "things_named",
    "waiting_for_chorus",
    "with_price",
    "with_terms",
]
