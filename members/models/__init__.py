from members.models.college import College, CollegeQuerySet
from members.models.fiscal_year import FiscalYear, FiscalYearQuerySet
from members.models.membership import Membership, MembershipQuerySet

__all__ = ["College", "CollegeQuerySet", "FiscalYear", "FiscalYearQuerySet", "Membership", "MembershipQuerySet"]
