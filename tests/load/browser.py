"""As much of a browser as a load test needs: keep-alive, cookies, forms, redirects. Every answer is timed."""

import gzip
import http.client
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: http.client.HTTPMessage
    seconds: float
    path: str

    @property
    def compressed_size(self) -> int:
        """Bytes over the line for a browser: as sent when compressed, else as gzip would make it."""
        return len(self.body) if self.headers["Content-Encoding"] else len(gzip.compress(self.body, 6))


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("method", "get").lower(), given.get("action", ""), {}))
        elif tag == "input" and self.forms and given.get("type") == "hidden" and "name" in given:
            self.forms[-1][2][given["name"]] = given.get("value", "")


@dataclass(frozen=True)
class Form:
    """A form as it stands on a page, with the hidden fields that go back with it."""

    action: str
    hidden: dict[str, str]


def read_form(answer: Answer, *, ending: str = "") -> Form:
    """The first POST form of the page whose action ends so (the address of the page itself when it has none)."""
    parser = _Forms()
    parser.feed(answer.body.decode())
    for method, action, hidden in parser.forms:
        target = urljoin(answer.path, action)
        if method == "post" and urlsplit(target).path.endswith(ending):
            return Form(target, hidden)
    raise LookupError(f"{answer.path} ({answer.status}) has no form that is sent to …{ending}")


@dataclass
class Browser:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    timeout: float = 60
    connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        own = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://localhost:{self.port}",
            "Sec-Fetch-Site": "same-origin",
        }
        return self._ask("POST", path, urlencode(fields).encode(), own)

    def send(self, form: Form, **fields: str) -> Answer:
        return self.post(form.action, form.hidden | fields)

    def follow(self, answer: Answer) -> Answer:
        """The page that a redirect leads to; the answer itself when it is none."""
        return self.get(urljoin(answer.path, answer.headers["Location"])) if 301 <= answer.status <= 308 else answer

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        parts = urlsplit(path)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        given = self.headers | headers
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        begun = time.perf_counter()
        if self.connection is None:
            self.connection = http.client.HTTPConnection("localhost", self.port, timeout=self.timeout)
        try:
            self.connection.request(method, path, body, given)
            response = self.connection.getresponse()
            read = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        taken = time.perf_counter() - begun
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: each.value for name, each in SimpleCookie(line).items()}
        return Answer(response.status, read, response.headers, taken, path)
