"""What every answer says, whom every address lets in, and what becomes of hostile requests."""

import io
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core.guards import local_target
from app.core.headers import ALWAYS, POLICY
from app.web import asset_version, create_app
from tests.conftest import settings_for
from tests.core.pages import things  # noqa: F401
from tests.core.test_forms import GIVEN, visit

EVIL_TARGETS = [
    "//evil.example", "////evil.example", "https:evil.example", "https://evil.example", "http:/evil.example", "\\\\evil.example",
    "/\\evil.example", "/\\/evil.example", "\\/evil.example", "%2f%2fevil.example", "/%2f%2fevil.example", "javascript:alert(1)",
    "data:text/html,x", "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example", "//evil.example\\@localhost",
    "///evil.example", "/.//evil.example", "/..//evil.example", "http://localhost@evil.example", "/%0d%0aSet-Cookie:x=1",
    "/\x00//evil.example", "／／evil.example", "//[", "", "evil.example", "?next=/", "#", "/no-such-page", "/sign-out",
]  # fmt: skip


@pytest.mark.parametrize("target", EVIL_TARGETS)
def test_no_address_from_outside_steers_the_browser(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert local_target(target, "/start") == "/start"


@pytest.mark.parametrize("target", ["/", "/events", "/search?q=%E6%88%98&page=2", "/events/0123456789abcdef/log"])
def test_a_page_of_ours_is_gone_on_to(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert local_target(target, "/start") == target


def test_what_follows_the_hash_and_what_is_missing(app: Flask) -> None:
    with app.test_request_context():
        assert local_target("/events#there", "/start") == "/events"
        assert local_target(None, "/start") == "/start"


def broken_app(things: Flask) -> Flask:  # noqa: F811
    things.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    things.testing = False
    return things


def test_every_answer_carries_the_headers(things: Flask) -> None:  # noqa: F811
    client = broken_app(things).test_client()
    answers = {
        200: client.get("/sign-in"),
        302: client.get("/search"),
        404: client.get("/nothing"),
        405: client.post("/healthz"),
        400: client.post("/sign-in"),
        413: client.post("/sign-in", data={"x": "y" * 3_000_000}),
        500: client.get("/things/broken?typed=canary"),
    }
    for code, answer in answers.items():
        assert answer.status_code == code
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, code
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Request-Id"]
        assert "Cookie" in answer.headers["Vary"]
    assert "unsafe" not in POLICY


def test_a_broken_page_says_its_number_and_nothing_else(things: Flask) -> None:  # noqa: F811
    answer = broken_app(things).test_client().get("/things/broken?typed=canary")
    assert answer.headers["X-Request-Id"] in answer.text
    assert "ValueError" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [(404, "There is nothing here", "这里什么也没有"), (405, "This cannot be done here", "这里不能这样操作")],
)
def test_a_page_of_error_speaks_the_readers_language(app: Flask, code: int, english: str, chinese: str) -> None:
    client = app.test_client()

    def ask(language: str):
        how = {"headers": {"Accept-Language": language}}
        return client.get("/nothing", **how) if code == 404 else client.post("/healthz", data={}, **how)

    for language, words in (("en", english), ("zh-CN", chinese), ("zh-TW,en;q=0.5", chinese), ("fr", english)):
        answer = ask(language)
        assert answer.status_code == code
        assert f"<h1>{words}</h1>" in answer.text


def test_text_is_compressed_where_the_browser_takes_it(app: Flask) -> None:
    client = app.test_client()
    plain, packed = client.get("/sign-in"), client.get("/sign-in", headers={"Accept-Encoding": "gzip"})
    refused = client.get("/sign-in", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert ("Content-Encoding" in plain.headers, "Content-Encoding" in refused.headers) == (False, False)


def test_a_file_is_kept_for_ever_only_under_its_fingerprint(app: Flask) -> None:
    client = app.test_client()
    name = next(str(each.relative_to(str(app.static_folder))) for each in Path(str(app.static_folder)).rglob("*.css"))
    url = f"/static/{name}"
    with app.test_request_context():
        assert app.url_for("static", filename=name) == f"{url}?v={asset_version(name)}"
    for how in ({}, {"Accept-Encoding": "gzip"}):
        kept, named = client.get(f"{url}?v={asset_version(name)}", headers=how), client.get(url, headers=how)
        assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert named.headers["Cache-Control"] == "no-cache"
        again = client.get(url, headers={**how, "If-None-Match": named.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_cookies_at_https_belong_to_this_host_alone(tmp_path: Path) -> None:
    made = create_app(replace(settings_for(tmp_path), base_url="https://hufu.example"))
    answer = made.test_client().get("/sign-in", base_url="https://hufu.example")
    cookies = answer.headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:80", "localhost@evil.example", "[::1"]
)
def test_a_foreign_host_is_refused(app: Flask, host: str) -> None:
    answer = app.test_client().get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_a_forwarded_host_is_not_believed(app: Flask) -> None:
    for name in ("X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Server"):
        answer = app.test_client().get("/search", headers={name: "evil.example"})
        assert answer.location == "/sign-in?next=/search"


def test_a_post_from_another_site_is_refused(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    sent = {**GIVEN, "csrf_token": olaf.token()}
    for site in ("cross-site", "same-site"):
        assert olaf.post("/things/new", sent, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert olaf.client.post("/things/new", data=GIVEN).status_code == 400
    assert olaf.client.post("/things/new", data={**GIVEN, "csrf_token": "x"}).status_code == 400
    assert olaf.post("/things/new", sent, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_closed_pages_ask_to_sign_in_and_lead_on(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/search?q=a+b").location == "/sign-in?next=/search?q%3Da%2Bb"
    assert client.get("/log").location == "/sign-in?next=/log"


def multipart(*fields: tuple[str, str]) -> dict[str, Any]:
    parts = [f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields]
    return {"data": "".join([*parts, "--edge--\r\n"]).encode(), "content_type": "multipart/form-data; boundary=edge"}


def test_bodies_that_are_too_large_are_refused_and_nothing_is_read(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    token = olaf.token()
    cases = [
        {"data": {**GIVEN, "csrf_token": token, "description": "x" * 2_100_000}},
        {
            "data": b"csrf_token=" + token.encode() + b"&a=b" * 200_000,
            "content_type": "application/x-www-form-urlencoded",
        },
        multipart(("csrf_token", token), ("paper", "x" * 21 * 1024 * 1024)),
        multipart(("csrf_token", token), *((f"f{n}", "x") for n in range(2000))),
    ]
    for each in cases:
        began = time.thread_time()
        answer = olaf.client.post("/things/new", **each)
        assert answer.status_code == 413
        assert time.thread_time() - began < 2


def test_a_body_of_unknown_length_is_refused(things: Flask) -> None:  # noqa: F811
    olaf = visit(things)
    body = b"title=A&starts_on=2027-01-14&audience=internal&csrf_token=" + olaf.token().encode()
    answer = olaf.client.post(
        "/things/new", input_stream=io.BytesIO(body), content_type="application/x-www-form-urlencoded",
        headers={"Transfer-Encoding": "chunked"}, environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )  # fmt: skip
    assert answer.status_code == 411


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ff%fe",
        "q=%ED%A0%80",
        "q=" + "a" * 20000,
        "page=9999999999999",
        "page=-1",
        "page=x",
        "page=%D9%A1",
        "per_page=0",
        "&" * 5000,
        "kind[]=x",
        "kind=../../etc",
    ],
)
def test_hostile_queries_are_answered(as_, query: str) -> None:
    answer = as_("petra").get(f"/search?{query}")
    assert answer.status_code == 200


def test_health_and_readiness_are_open(app: Flask) -> None:
    client = app.test_client()
    assert (client.get("/healthz").json, client.get("/readyz").json) == ({"ok": True}, {"ok": True})


def test_an_empty_database_is_not_ready(tmp_path: Path) -> None:
    made = create_app(settings_for(tmp_path))
    answer = made.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"ok": False})


def test_plain_http_behind_a_proxy_is_led_to_https(tmp_path: Path) -> None:
    made = create_app(replace(settings_for(tmp_path), base_url="https://hufu.example", proxies=1))
    client = made.test_client()
    plain = {"Host": "hufu.example", "X-Forwarded-Proto": "http"}
    answer = client.get("/sign-in?next=/", headers=plain)
    assert (answer.status_code, answer.headers["Location"]) == (308, "https://hufu.example/sign-in?next=/")
    assert client.post("/sign-in", headers=plain).status_code in (400, 403)
    assert client.get("/healthz", headers=plain).status_code == 200
    assert client.get("/healthz", headers={**plain, "X-Forwarded-Proto": "https"}).status_code == 200
    secure = client.get("/sign-in", headers={**plain, "X-Forwarded-Proto": "https"})
    assert secure.status_code == 200
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
