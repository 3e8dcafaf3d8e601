"""GET /v1/analyze, through HTTP."""

import pytest

from tests.support.readers_door import Newsroom


def test_an_admin_sees_what_becomes_of_a_text(quiet_newsroom: Newsroom) -> None:
    answer = quiet_newsroom.client.get(
        "/v1/analyze", params={"text": "ঢাকায় ডেঙ্গু"}, headers={"Authorization": f"Bearer {quiet_newsroom.admin_token}"}
    )
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-store"
    body = answer.json()
    assert [token["original"] for token in body["tokens"]] == ["ঢাকায়", "ডেঙ্গু"]
    assert body["tokens"][0]["stem"] == "ঢাকা"
    assert [body["text"][token["start"] : token["end"]] for token in body["tokens"]] == ["ঢাকায়", "ডেঙ্গু"]


@pytest.mark.parametrize(
    ("authorization", "status", "kind"),
    [
        (None, 401, "key-missing"),
        ("Basic abc", 401, "key-missing"),
        ("Bearer made-up", 401, "key-invalid"),
        ("Bearer {publisher}", 403, "scope-missing"),
    ],
)
def test_nobody_else_does(quiet_newsroom: Newsroom, authorization: str | None, status: int, kind: str) -> None:
    headers = {}
    if authorization:
        headers["Authorization"] = authorization.format(publisher=quiet_newsroom.publisher_token)
    answer = quiet_newsroom.client.get("/v1/analyze", params={"text": "ক"}, headers=headers)
    assert answer.status_code == status
    assert answer.json()["type"] == f"urn:khobor:problem:{kind}"
    assert ("www-authenticate" in answer.headers) == (status == 401)
