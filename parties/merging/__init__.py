"""Sheets found twice: proposed, compared, merged and parted again. A merge moves nothing; reads follow it."""
