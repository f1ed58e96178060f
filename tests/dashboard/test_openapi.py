"""What the OpenAPI document describes: every endpoint that there is, and no other."""

import httpx

ENDPOINTS = """
    alerts changes compare compare/moves counts disruptions disruptions/{disruption_id}
    entries/{partition}/{offset} events extract feeds feeds/events
    figures figures/{partition}/{offset} health invariants live movement positions
    public rates ready rebuild rebuild/begin rebuild/cancel rebuild/drop-old rebuild/switch
    recent reconcile reconcile/events reconcile/ids records refusals refusals/events rejected
    seal signals signals/records span stored/{table} threats threats/listed unloadable unloadable/load-again
"""


def test_openapi_describes_every_endpoint(client: httpx.Client) -> None:
    """With models and examples, under /v1."""
    found = client.get("/openapi.json").json()
    assert set(found["paths"]) == {f"/v1/{one}" for one in ENDPOINTS.split()}
    assert found["components"]["schemas"]["BalanceAnswer"]["properties"]["rows"]["examples"]
