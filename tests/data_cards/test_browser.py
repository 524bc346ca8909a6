"""The card in a real browser: what papers say is shown and does nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from data_cards import write_card
from tests.data_cards.card_release import released, report, write_release

HOSTILE = [
    "<script>window.ran = 1; alert(1)</script>",
    "</title></pre></main><img src='http://127.0.0.1:9/x.png' onerror='window.ran = 1; alert(2)'>",
    "</svg><svg onload='window.ran = 1'><script>alert(3)</script></svg>",
    "<iframe src='http://127.0.0.1:9/frame'></iframe><style>@import 'http://127.0.0.1:9/s.css'; main { display: none }</style>",
    "<meta http-equiv='refresh' content='0; url=http://127.0.0.1:9/away'><base href='http://127.0.0.1:9/'>",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def visit(browser: Browser, path: Path) -> tuple[list[str], bool, str]:
    """What a page asked for or showed as a dialog, whether a script of it ran, and its visible text."""
    happened: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: happened.append(request.url))
    page.on("dialog", lambda dialog: (happened.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.goto(path.as_uri(), wait_until="load")
    page.wait_for_timeout(300)
    ran, text = bool(page.evaluate("window.ran")), page.inner_text("body")
    page.close()
    return happened, ran, text


def test_nothing_that_a_paper_says_runs_or_loads(browser: Browser, tmp_path: Path) -> None:
    rows = [
        released(
            i, title=text, text=f"{text} {i}", attribution=text, licence=text, route=text, source=text, id=f"{text}{i}"
        )
        for i, text in enumerate(HOSTILE)
    ]
    write_release(tmp_path, {"research": rows})
    told = report({"research": len(rows)})
    told["run"] = HOSTILE[0]
    write_card(tmp_path, None, told, samples=len(rows))
    happened, ran, text = visit(browser, tmp_path / "card.html")
    assert happened == [(tmp_path / "card.html").as_uri()]
    assert not ran
    assert all(said in text for said in HOSTILE)
    assert "Where the papers went" in text


def test_the_browser_would_have_told(browser: Browser, tmp_path: Path) -> None:
    """The same words unescaped: each thing that the test above finds absent is seen."""
    (tmp_path / "page.html").write_text(f"<!doctype html><title>x</title><body>{HOSTILE[1]}{HOSTILE[0]}</body>")
    happened, ran, _ = visit(browser, tmp_path / "page.html")
    assert ran and "http://127.0.0.1:9/x.png" in happened and "dialog 1" in happened
