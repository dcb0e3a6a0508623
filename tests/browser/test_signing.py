"""A pledge from the draft to the sealed paper: three people sign with a passkey in any order, an outsider checks it."""

import re
from collections.abc import Callable
from pathlib import Path

from app.demo.loader import PASSWORD
from tests.browser.conftest import DESKTOP, PHONE, Person

TEXT = "We bring kiln 7 below 85 dB before the year is over. 说到做到。"


def has_a_device(someone: Person) -> None:
    """Chromium's virtual authenticator: a key that asks for a finger, and the finger is there."""
    session = someone.context.new_cdp_session(someone.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def keeps_a_passkey(someone: Person) -> None:
    has_a_device(someone)
    someone.go("/account/proofs")
    someone.fill(name="My phone")
    someone.press("Add a passkey")
    assert "My phone" in someone.text


def signs(someone: Person, path: str) -> None:
    someone.go(f"{path}/sign")
    assert someone.page.locator("details.paper object").get_attribute("data") == f"{path}/sign/paper.pdf"
    someone.come_to_sign()
    assert someone.page.locator("input[value=passkey]").is_checked()
    assert not someone.page.locator("input[name=password]").is_visible()
    someone.press("Sign")
    assert "You have signed." in someone.page.locator("body").inner_text()
    assert "with a passkey" in someone.text or "使用通行密钥" in someone.text


def drafted(olaf: Person, people: dict[str, str]) -> str:
    """The address of a new pledge that is open for these people, by part of the name and role."""
    olaf.go("/events")
    event = olaf.page.locator("main a[href^='/events/']").evaluate_all(
        "nodes => nodes.map((each) => each.getAttribute('href')).find((each) => /^.events.[0-9a-z]{16}$/.test(each))"
    )
    olaf.go(f"{event}/pledges/new")
    olaf.fill(title="Kiln 7 below 85 dB", text=TEXT)
    olaf.leave(olaf.page.locator("main form.form button[type=submit]:not([name])").last)
    path = re.sub(r"https?://[^/]+", "", olaf.page.url)
    for name, role in people.items():
        olaf.fill(person_ref=name, role=role)
        olaf.press("Add")
    olaf.press("Open for signature")
    assert "0 of 3 signed" in olaf.text
    return path


def checked(stranger: Person, file: Path) -> str:
    """What the public page says of a file."""
    stranger.go("/verify")
    stranger.page.locator("input[type=file]").set_input_files(file)
    stranger.leave(stranger.page.locator("#file-form button[type=submit]"))
    return stranger.page.locator("section.verdict").inner_text()


def test_three_sign_in_any_order_with_passkeys_and_an_outsider_checks_the_paper(
    person: Callable[..., Person], tmp_path: Path
) -> None:
    olaf, petra = person("olaf@qinglan.example"), person("petra@qinglan.example", PHONE)
    sara, li_wei = person("sara@qinglan.example"), person("liwei@qinglan.example", DESKTOP, locale="zh-CN", dark=True)
    path = drafted(olaf, {"Petra": "pledger", "Sara": "witness", "Li Wei": "countersigner"})
    keeps_a_passkey(sara)
    signs(sara, path)
    has_a_device(li_wei)
    li_wei.go("/account/proofs")
    li_wei.fill(name="手机")
    li_wei.press("Add a passkey")
    li_wei.go(f"{path}/sign")
    li_wei.come_to_sign()
    li_wei.press("Sign")
    keeps_a_passkey(petra)
    signs(petra, path)
    assert "In force" in petra.text
    olaf.wait_for("Complete and unchanged", path)

    with olaf.page.expect_download() as coming:
        olaf.find("Download PDF").click()
    paper = tmp_path / "paper.pdf"
    coming.value.save_as(paper)
    stranger = person()
    assert "Complete and unchanged" in checked(stranger, paper)

    altered = bytearray(paper.read_bytes())
    at = altered.index(b"stream", 2000) + 40
    altered[at] ^= 1
    tampered = tmp_path / "tampered.pdf"
    tampered.write_bytes(altered)
    verdict = checked(stranger, tampered)
    assert "Complete and unchanged" not in verdict
    assert "Changed" in verdict or "Cannot tell" in verdict


def comes_to(someone: Person, name: str, *, most: int = 120) -> None:
    """By the tab key alone, as long as it takes: until what has the focus is called so by a screen reader."""
    for _press in range(most):
        someone.page.keyboard.press("Tab")
        if name in someone.page.evaluate(NAME):
            someone.page.wait_for_timeout(150)  # the browser's viewer of PDFs takes the focus when it is ready
            if name in someone.page.evaluate(NAME):
                return
    raise AssertionError(f"the keyboard never comes to “{name}” on {someone.page.url}: {someone.text}")


NAME = """() => {
  const node = document.activeElement;
  const own = node.matches("a, button, summary") ? node.innerText : "";
  return [node.getAttribute("aria-label"), ...[...(node.labels || [])].map((each) => each.innerText), own].join(" ");
}"""


def presses_enter(someone: Person) -> None:
    with someone.page.expect_navigation():
        someone.page.keyboard.press("Enter")
    someone.look()


def test_a_keyboard_and_a_screen_reader_complete_signing_and_declining(person: Callable[..., Person]) -> None:
    olaf, tom, mei = person("olaf@qinglan.example"), person("tom@qinglan.example"), person("mei@qinglan.example")
    path = drafted(olaf, {"Tom Okafor": "pledger", "Mei Zhao": "witness", "Li Wei": "countersigner"})
    tom.go(f"{path}/sign")
    comes_to(tom, "This is the end: I have read it")
    presses_enter(tom)
    if tom.page.locator("#sign-form").count() == 0:
        comes_to(tom, "Read what you agree to")
        presses_enter(tom)
        comes_to(tom, "I agree")
        presses_enter(tom)
    comes_to(tom, "Your password, once more")
    tom.page.keyboard.type(PASSWORD)
    comes_to(tom, "Sign")
    presses_enter(tom)
    assert tom.page.get_by_role("status").or_(tom.page.get_by_role("alert")).filter(has_text="You have signed.").count()
    assert "1 of 3 signed" in tom.text

    mei.go(f"{path}/sign")
    comes_to(mei, "Reason, if you wish to give one")
    mei.page.keyboard.type("The figure was measured on another kiln.")
    comes_to(mei, "Decline")
    presses_enter(mei)
    assert "Mei Zhao declined to sign. The figure was measured on another kiln." in mei.text
