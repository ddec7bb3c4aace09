from governance.queries.assemblies import CollegeCount, counts_of, roll_of

__all__ = ["CollegeCount", "counts_of", "roll_of"]
