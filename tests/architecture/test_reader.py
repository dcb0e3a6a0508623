"""What somebody without a role may change: their own, and their answer to what they are asked."""

from tests.architecture.test_access import MEMBERS, read_table

OWN = {
    "/settings",
    "/settings/address",
    "/settings/password",
    "/settings/sessions/end",
    "/sign-out",
    "/language",
    "/theme",
    "/my/calendar",
    "/my/calendar/renewal",
    "/my/calendar/end",
    "/my/mail",
    "/my/views/new",
    "/my/assistants",
    "/my/approvals/decision",  # of one's own people
    "/account/consent",
    "/account/consent/withdrawal",
    "/account/delegations",
    "/account/proofs/passkeys",
    "/account/proofs/passkeys/question",
    "/account/proofs/time-code",
    "/account/proofs/time-code/beginning",
    "/events/<ref:event_ref>/minutes/<ref:minutes_ref>/versions/<ref:version_ref>/reading",  # told to nobody else
    "/events/<ref:event_ref>/points/<ref:point_ref>/here",  # nothing without the room's code of this minute
}
NOT_THE_AUDITORS = {
    "/my/assistants",
    "/my/approvals/decision",
    "/events/<ref:event_ref>/minutes/<ref:minutes_ref>/versions/<ref:version_ref>/reading",
}
ASKED = {
    "/events/<ref:event_ref>/minutes/<ref:minutes_ref>/acknowledgement",
    "/events/<ref:event_ref>/registration",
    "/my/substitutions/<ref:substitution_ref>",
    "/instead/<token>",
}
PROPOSES = {  # whom they would thank: seen by themselves alone until it is handed in
    "/events/<ref:event_ref>/nominations/categories/<ref:category_ref>/propose",
    "/events/<ref:event_ref>/nominations/<ref:nomination_ref>/edit",
    "/events/<ref:event_ref>/nominations/<ref:nomination_ref>/evidence",
    "/events/<ref:event_ref>/nominations/<ref:nomination_ref>/evidence/<ref:merit_ref>/removal",
    "/events/<ref:event_ref>/nominations/<ref:nomination_ref>/recall",
    "/events/<ref:event_ref>/nominations/<ref:nomination_ref>/removal",
    "/events/<ref:event_ref>/nominations/<ref:nomination_ref>/submission",
}
WALKS_THE_LOG = {"/log/integrity"}  # asks, and writes nothing
WITHOUT_SIGNING_IN = {
    "/sign-in",
    "/forgotten",
    "/password/<token>",
    "/address/<token>",
    "/door/pairing",
    "/verify",
    "/verify/<code>",
}
LINKS = {"/answer/<token>", "/instead/<token>"}  # of one person: whoever is signed in as somebody else is refused


def posts_open_to(name: str) -> set[str]:
    column = MEMBERS.index(name)
    return {rule for (verb, rule), signs in read_table().items() if verb == "POST" and signs[column] == "+"}


def test_a_reader_changes_their_own_and_answers_what_they_are_asked_and_nothing_else() -> None:
    """Rita is invited, asked to confirm the minutes and to come instead of Petra; the walk holds the table itself."""
    assert posts_open_to("rita") == OWN | ASKED | PROPOSES | WITHOUT_SIGNING_IN


def test_the_auditor_writes_nothing_but_their_own_settings() -> None:
    assert posts_open_to("aude") == OWN - NOT_THE_AUDITORS | WALKS_THE_LOG | WITHOUT_SIGNING_IN


def test_a_stranger_reaches_no_deed_but_those_without_signing_in() -> None:
    assert posts_open_to("nobody") == WITHOUT_SIGNING_IN | LINKS | {
        "/speaking/<token>",
        "/sign-out",
        "/language",
        "/theme",
    }
