from members.models.application import Application, ApplicationDecision, ApplicationQuerySet
from members.models.college import College, CollegeQuerySet
from members.models.dues import DuesBracket, DuesCall, DuesScale, DuesScaleQuerySet, DuesTerms
from members.models.fiscal_year import FiscalYear, FiscalYearQuerySet
from members.models.membership import Membership, MembershipQuerySet
from members.models.renewal import DatesRequest, DatesRequestQuerySet, RenewalPolicy, RenewalReminder

__all__ = [
    "Application",
    "ApplicationDecision",
    "ApplicationQuerySet",
    "College",
    "CollegeQuerySet",
    "DatesRequest",
    "DatesRequestQuerySet",
    "DuesBracket",
    "DuesCall",
    "DuesScale",
    "DuesScaleQuerySet",
    "DuesTerms",
    "FiscalYear",
    "FiscalYearQuerySet",
    "Membership",
    "MembershipQuerySet",
    "RenewalPolicy",
    "RenewalReminder",
]
