"""The pages of registration."""

from tests.factories.registration import make_open_event, make_people, register


def test_every_page_opens(app, as_) -> None:
    with app.app_context():
        event = make_open_event(capacity=2, sessions=1)
        people = make_people(3)
        made = [register(event, each) for each in people]
        base = f"/events/{event.ref}"
        first = made[0].ref
        from app.registration.queries import list_sessions_with_places

        session = list_sessions_with_places(event)[0].session.ref
    olaf, petra = as_("olaf"), as_("petra")
    for path in (
        "registrations",
        "registrations?state=waiting&q=person&sort=-name&per_page=25",
        "registrations.csv",
        "registrations.xlsx",
        "registrations/new",
        f"registrations/{first}/withdrawal",
        "registration/settings",
        f"registration/sessions/{session}",
        "invitations",
        "invitations/new",
        "registration",
        "door",
        "attendance",
        "attendance.csv",
        "attendance.xlsx",
        "door/count",
    ):
        answer = olaf.get(f"{base}/{path}")
        assert answer.status_code == 200, (path, answer.status_code)
    answer = petra.post(f"{base}/registration", {"note": "Vegan"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert answer.location == f"{base}/registration/mine"
    for path in ("registration/mine", "registration/mine/withdrawal"):
        answer = petra.get(f"{base}/{path}")
        assert answer.status_code == 200, (path, answer.status_code)
