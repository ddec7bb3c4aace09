from members.models.application import Application, ApplicationDecision, ApplicationQuerySet
from members.models.checklist import (
    Charter,
    Checklist,
    ChecklistItem,
    ChecklistQuerySet,
    ChecklistStep,
    ChecklistTemplate,
)
from members.models.college import College, CollegeQuerySet
from members.models.dues import DuesBracket, DuesCall, DuesScale, DuesScaleQuerySet, DuesTerms
from members.models.fiscal_year import FiscalYear, FiscalYearQuerySet
from members.models.membership import Membership, MembershipQuerySet

__all__ = [
    "Application",
    "ApplicationDecision",
    "ApplicationQuerySet",
    "Charter",
    "Checklist",
    "ChecklistItem",
    "ChecklistQuerySet",
    "ChecklistStep",
    "ChecklistTemplate",
    "College",
    "CollegeQuerySet",
    "DuesBracket",
    "DuesCall",
    "DuesScale",
    "DuesScaleQuerySet",
    "DuesTerms",
    "FiscalYear",
    "FiscalYearQuerySet",
    "Membership",
    "MembershipQuerySet",
]
