"""Writes the files of the 15 structures of La Coursive in 2013, from members/demo.py.

python -m tests.data.make_coursive_2013
"""

import datetime as dt
import io
from pathlib import Path

import django

HERE = Path(__file__).parent


def main() -> None:
    django.setup()
    from openpyxl import Workbook

    from members.demo import COURSIVE_2013, HEADER, members_csv

    text = members_csv("la-coursive").decode("utf-8-sig")
    (HERE / "coursive-2013.csv").write_bytes(text.encode())
    # cp1252 is what French spreadsheets call « ANSI »; Latin-1 has neither ’ nor œ.
    (HERE / "coursive-2013-latin1.csv").write_bytes(text.replace("’", "'").encode("latin-1"))

    book = Workbook()
    book.properties.created = book.properties.modified = dt.datetime(2013, 12, 31)  # noqa: DTZ001 the format has no zone
    sheet = book.active
    sheet.title = "Structures 2013"
    sheet.append(HEADER)
    for row in COURSIVE_2013:
        sheet.append(row)
    notes = book.create_sheet("Notes")
    notes.append(["Chiffres de l’état des lieux 2013."])
    file = io.BytesIO()
    book.save(file)
    (HERE / "coursive-2013.xlsx").write_bytes(file.getvalue())


if __name__ == "__main__":
    main()
