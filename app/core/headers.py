"""What every answer says to the browser (CB7–CB13), and compression."""

import gzip

from flask import Flask, Response, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
COMPRESSED = ("text/", "application/json", "image/svg+xml", "application/javascript", "application/manifest+json")


def init_app(app: Flask, *, https: bool) -> None:
    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if request.endpoint == "static" and response.status_code in (200, 304):
            # Only an address that carries the fingerprint of the content may be kept for ever.
            kept = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
            response.headers["Cache-Control"] = kept
        else:
            response.headers.setdefault("Cache-Control", "no-store")
            response.vary.add("Cookie")
        if response.status_code in (429, 503):
            response.headers.setdefault("Retry-After", "5")
        return compress(response)


def compress(response: Response) -> Response:
    """Gzip text of more than a kilobyte where the browser takes it."""
    if response.status_code != 200 or not (response.mimetype or "").startswith(COMPRESSED) or request.range:
        return response
    if "Content-Encoding" in response.headers or (response.direct_passthrough and request.endpoint != "static"):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) > 1024:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        etag, _weak = response.get_etag()
        if etag:
            response.set_etag(etag, weak=True)
    return response
