"""Buyer and seller take the case file home from the page of the case."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.application.case_files import laid_out, story, unzipped, verified
from tests.journeys.web.buyers import become, visiting
from tests.journeys.web.conftest import Street

pytestmark = pytest.mark.browser


@pytest.mark.row("K1", "X4")
async def test_the_case_file_is_downloaded_and_is_intact(
    chromium: Browser, street: Street, tmp_path: Path
) -> None:
    await story(street.town)
    for name, scripts in (("Nora Lindqvist", False), ("Lumen & Clay", True)):
        async with visiting(chromium, street, scripts=scripts) as page:
            await become(page, name)
            await page.goto("/cases/10-7.1")
            await expect(page.get_by_role("heading", name="Case file")).to_be_visible()
            async with page.expect_download() as waiting:
                await page.get_by_role("link", name="Download as ZIP").click()
            saved = await waiting.value
            assert saved.suggested_filename == "case-10-7.1.zip"
            data = Path(await saved.path()).read_bytes()
            code, said = verified(laid_out(unzipped(data), tmp_path / name[:4]))
            assert (code, said.splitlines()[-1]) == (0, "intact"), said
            await page.get_by_text("Hash of the last event").click()
            shown = await page.locator("p.font-mono").inner_text()
            assert shown in said
            async with page.expect_download() as waiting:
                await page.get_by_role("link", name="Download as PDF").click()
            paper = await waiting.value
            assert paper.suggested_filename == "case-10-7.1.pdf"
            assert Path(await paper.path()).read_bytes().startswith(b"%PDF-")
