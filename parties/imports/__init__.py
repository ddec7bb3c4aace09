"""Reading what people have: a CSV or XLSX file saved by someone who has never heard of encodings."""
