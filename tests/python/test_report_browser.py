"""The report in a real browser: Debian's chromium, headless."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import report_sample
from test_html import load_renderer

PHONE, DESK = 390, 1200


@pytest.fixture(scope="module")
def browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.fail("expected a browser, got none (run scripts/setup.sh, which installs chromium)")


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(load_renderer().render(report_sample.report()), encoding="utf-8")
    return path


def run(browser: str, profile: Path, page: Path, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--no-first-run", f"--user-data-dir={profile}", "--enable-logging=stderr", "--v=0",
         "--virtual-time-budget=2000", *options, page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip


def test_the_page_has_no_errors_and_fits_phone_and_desk(browser, page, tmp_path):
    """The probe document holds the page in frames of two widths and writes down what it measured."""
    frame = tmp_path / "frame.html"
    # The policy of the page forbids everything else, so the copy that is measured goes without it.
    inner = re.sub(r"<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8"))
    (tmp_path / "inner.html").write_text(inner, encoding="utf-8")
    frame.write_text(
        f"""<!doctype html><body><iframe id=a src=inner.html width={PHONE} height=800></iframe>
        <iframe id=b src=inner.html width={DESK} height=800></iframe><pre id=out></pre><script>
        onload = () => {{
          const measure = id => {{
            const d = document.getElementById(id).contentDocument, r = d.documentElement;
            const wide = [...d.querySelectorAll('main *, body > *')].filter(e => {{
              if (e.closest('.scroll, [style*=overflow], svg, details')) return false;
              return e.getBoundingClientRect().right > r.clientWidth + 1;
            }}).map(e => e.tagName + '.' + e.className);
            return [id, r.scrollWidth, r.clientWidth, d.querySelectorAll('h2').length,
                    d.querySelectorAll('svg').length, wide.slice(0, 5).join('|')].join(',');
          }};
          document.getElementById('out').textContent = 'MEASURED ' + measure('a') + ' ; ' + measure('b');
        }};</script>""",
        encoding="utf-8",
    )
    done = run(browser, tmp_path / "profile", frame, "--allow-file-access-from-files", "--dump-dom")
    assert "CONSOLE" not in done.stderr, done.stderr
    measured = re.search(r"MEASURED (.*?) ; (.*?)</pre>", done.stdout)
    assert measured, done.stdout[-2000:]
    for line in measured.groups():
        name, scroll, client, headings, drawings, wide = line.split(",", 5)
        assert int(scroll) <= int(client) + 1, f"{name} overflows: {scroll} > {client}: {wide}"
        assert int(headings) >= 5 and int(drawings) >= 10


def test_the_page_asks_the_network_for_nothing(browser, page, tmp_path):
    log = tmp_path / "net.json"
    run(browser, tmp_path / "profile", page, f"--log-net-log={log}", "--dump-dom")
    wanted = set(re.findall(r'"url":"(https?://[^"]+)"', log.read_text(errors="replace")))
    # chromium itself may ask its maker for updates; the page may not ask for anything.
    own = re.compile(r"https?://([^/]*\.)?(google|googleapis|gstatic|gvt1)\.com")
    assert not [url for url in wanted if not own.match(url)]


def test_the_page_prints(browser, page, tmp_path):
    out = tmp_path / "report.pdf"
    run(browser, tmp_path / "profile", page, f"--print-to-pdf={out}", "--no-pdf-header-footer")
    data = out.read_bytes()
    assert data.startswith(b"%PDF") and len(data) > 50_000


def test_the_page_draws(browser, page, tmp_path):
    out = tmp_path / "shot.png"
    run(browser, tmp_path / "profile", page, f"--screenshot={out}", "--window-size=1100,3000")
    import matplotlib.image

    pixels = matplotlib.image.imread(out)[..., :3]
    assert pixels.shape[:2] == (3000, 1100)
    assert pixels.std() > 0.05  # not a blank sheet
