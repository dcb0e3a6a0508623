"""A table as the answer to a request: something to save, never something to open in the browser."""

from collections.abc import Iterable, Sequence

from flask import Response

from app.sheets.writing import CSV_TYPE, XLSX_TYPE, Cell, write_csv, write_xlsx


def sheet_answer(
    kind: str, columns: Sequence[object], rows: Iterable[Sequence[Cell]], *, title: str, name: str
) -> Response:
    """A CSV or an XLSX to download. `name` is the file's name without its ending, of letters, digits and dashes."""
    if kind == "csv":
        body, media_type = write_csv(columns, rows), CSV_TYPE
    else:
        body, media_type = write_xlsx(columns, rows, title=title), XLSX_TYPE
    disposition = f'attachment; filename="{name}.{kind}"'
    return Response(body, content_type=media_type, headers={"Content-Disposition": disposition})
