"""Reading what banks and collectors give: each format into the same lines."""
