"""QR codes as pictures. Always a full QR code: many readers do not know the small Micro QR."""

import segno
from markupsafe import Markup
from segno import DataOverflowError, QRCode

from app.core.i18n import _
from app.documents.errors import DocumentFailed

QUIET_ZONE = 4  # modules of white around the code, ISO/IEC 18004 §6.3.8


def make_code(text: str) -> QRCode:
    """Error correction M: readable from paper that was folded. Raises DocumentFailed for too long a text."""
    try:
        return segno.make_qr(text, error="m")
    except DataOverflowError as error:
        raise DocumentFailed(_("This is too long for a QR code."), detail=str(error)) from error


def qr_svg(text: str, *, title: str = "", scale: int = 4) -> Markup:
    """An inline `<svg>` of `scale` pixels a module, black on white in dark mode too. `title` is what it is read as."""
    code = make_code(text)
    drawing = code.svg_inline(
        scale=scale, border=QUIET_ZONE, dark="#1d1b18", light="#fff", svgclass="qr", lineclass=None, title=title or None
    )
    # Without a viewBox a style sheet that sets another width cuts the picture off instead of scaling it.
    width, height = code.symbol_size(scale=scale, border=QUIET_ZONE)
    frame = f'<svg role="img" viewBox="0 0 {width:g} {height:g}" '
    return Markup(drawing.replace("<svg ", frame, 1))  # noqa: S704 – drawn by segno, the title is escaped


def qr_png_data_uri(text: str, *, scale: int = 6) -> str:
    """`data:image/png;base64,…`, for mails and places that take no SVG."""
    return make_code(text).png_data_uri(scale=scale, border=QUIET_ZONE, dark="#1d1b18", light="#fff")
