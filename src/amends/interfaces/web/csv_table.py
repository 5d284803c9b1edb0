"""Tables for spreadsheets: nothing in a cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

# What spreadsheets read as the start of a formula (https://owasp.org/www-community/attacks/CSV_Injection), in
# their full-width forms too, which some of them fold.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: str) -> str:
    """The cell as text: an apostrophe stands before what a spreadsheet would calculate."""
    return (
        f"'{cell}" if cell.lstrip(" \u00a0\ufeff").startswith(_STARTS) or cell.startswith(_STARTS) else cell
    )


def csv_file(header: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> Response[bytes]:
    """A CSV to save under ``name`` (RFC 4180, in UTF-8 with the mark that spreadsheets know it by)."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )
