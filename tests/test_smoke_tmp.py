def test_sign_in(as_):
    v = as_("petra")
    r = v.get("/settings")
    assert r.status_code == 200
def test_cast(cast):
    assert cast.petra.name == "Petra Lindqvist"
