"""Somebody takes the case file home: as PDF to read, as a ZIP that can be checked without Amends."""

from pathlib import Path

import pytest

from tests.application.case_files import laid_out, unzipped, verified
from tests.journeys.api.market import Market, claim_body, kind


@pytest.mark.row("K1", "X4")
async def test_each_side_downloads_the_case_file_and_checks_it(market: Market, tmp_path: Path) -> None:
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    await market.seller.post("/orders/A-1/messages", {"text": "Which bulb do you use?"})
    people = {"ana": market.ana, "seller": market.seller, "olga": market.operator, "shop": market.shop}
    for name, person in people.items():
        answer = await person.send("GET", "/cases/A-1.1/file.zip")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"] == 'attachment; filename="case-A-1.1.zip"'
        files = unzipped(answer.content)
        assert b"Which bulb" in files["messages.json"]
        code, said = verified(laid_out(files, tmp_path / name))
        assert (code, said.splitlines()[-1]) == (0, "intact"), said
        digest = (await person.get("/cases/A-1.1/timeline"))["events"][-1]["digest"]
        assert digest in said


@pytest.mark.row("K1")
async def test_what_has_not_changed_is_not_sent_again(market: Market) -> None:
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    for path, start in (("/cases/A-1.1/file.zip", b"PK"), ("/cases/A-1.1/file.pdf", b"%PDF-")):
        first = await market.ana.send("GET", path)
        assert first.content.startswith(start)
        tag = first.headers["etag"]
        same = await market.ana.send("GET", path, headers={"If-None-Match": f'"other", W/{tag}'})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    before = (await market.ana.send("GET", "/cases/A-1.1/file.zip")).headers["etag"]
    await market.seller.post(
        "/cases/A-1.1/evidence", {"items": [{"kind": "photo", "note": "Before packing"}]}
    )
    changed = await market.ana.send("GET", "/cases/A-1.1/file.zip", headers={"If-None-Match": before})
    assert (changed.status_code, changed.headers["etag"] != before) == (200, True)


@pytest.mark.row("K1")
@pytest.mark.parametrize("ending", ["zip", "pdf"])
async def test_the_case_file_of_others_is_not_there(market: Market, ending: str) -> None:
    await market.delivered()
    await market.ana.post("/orders/A-1/cases", claim_body())
    for person in (market.bo, market.rival, market.mediator):
        assert kind(await person.refused("GET", f"/cases/A-1.1/file.{ending}")) == "not_found"
    for person in (market.carrier, market.provider):
        assert kind(await person.refused("GET", f"/cases/A-1.1/file.{ending}")) == "forbidden"
    assert kind(await market.ana.refused("GET", f"/cases/A-1.9/file.{ending}")) == "not_found"
