"""The HTML page and the published schema, from the sample report that holds every kind of block."""

from __future__ import annotations

import copy
import importlib.util
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
import report_sample

ROOT = Path(__file__).resolve().parents[2]


def load_renderer() -> ModuleType:
    """`leadline._html` alone: the page must not need the compiled half."""
    if "leadline_html" not in sys.modules:
        folder = ROOT / "python/leadline/_html"
        spec = importlib.util.spec_from_file_location(
            "leadline_html", folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["leadline_html"] = module
        spec.loader.exec_module(module)
    return sys.modules["leadline_html"]


def schema() -> dict:
    return json.loads((ROOT / "docs/report-schema.json").read_text())


@pytest.fixture(scope="module")
def page() -> str:
    return load_renderer().render(report_sample.report())


class Text(HTMLParser):
    """Tags, attributes and visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def parsed(html: str) -> Text:
    text = Text()
    text.feed(html)
    return text


def test_the_sample_and_the_golden_report_follow_the_published_schema():
    jsonschema.Draft202012Validator.check_schema(schema())
    golden = json.loads((ROOT / "tests/golden/report/v1.json").read_text())
    for report in (report_sample.report(), golden):
        jsonschema.validate(report, schema())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda r: r.update(schema=2),
        lambda r: r.pop("findings"),
        lambda r: r["findings"][0].update(status="fine"),
        lambda r: r["findings"][0]["estimates"][0]["estimate"].update(value=None),
        lambda r: r["verdicts"][0].update(outcome="passed"),
        lambda r: r["findings"][0].update(invented=1),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(spoil):
    report = copy.deepcopy(report_sample.report())
    spoil(report)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, schema())


def test_the_golden_report_renders():
    golden = json.loads((ROOT / "tests/golden/report/v1.json").read_text())
    assert golden["title"] in load_renderer().render(golden)


def test_the_page_is_one_file_without_network_or_scripts(page):
    found = parsed(page)
    assert not [tag for tag, _ in found.tags if tag in {"script", "iframe", "object"}]
    for tag, attributes in found.tags:
        for name in ("src", "href", "xlink:href", "action", "poster"):
            value = attributes.get(name)
            if tag == "a" and value and value.startswith(("https://", "http://")):
                continue  # a remedy may name a page; it opens when a person asks for it
            assert value is None or value.startswith(("#", "data:,", "data:image/")), (tag, value)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    assert "@import" not in page and not re.search(r"url\((?!['\"]?(data:|#))", page)
    policy = [a for t, a in found.tags if t == "meta" and "http-equiv" in a]
    assert "default-src 'none'" in policy[0]["content"]


def test_the_first_page_answers_in_plain_words(page):
    text = " ".join(" ".join(parsed(page).text).split())
    report = report_sample.report()
    for finding in report["findings"]:
        assert finding["question"] in text
        assert finding["headline"] in text
    first_page = text[: text.index("Details")]
    for jargon in ("wilson", "bootstrap", "p_value", "p-value", "delong"):
        assert jargon not in first_page.lower()
    for wanted in (
        "Does it pass?",
        "Accuracy alone would have said",
        "What was not measured",
        "What is not to be trusted",
        "set before anyone looked",
    ):
        assert wanted in first_page


def test_accuracy_alone_is_that_of_unchanged_inputs():
    report = copy.deepcopy(report_sample.report())
    finding = next(f for f in report["findings"] if f["probe"] == "task")
    finding["probe"] = "corruptions"
    clean = copy.deepcopy(next(e for e in finding["estimates"] if e["name"] == "accuracy"))
    clean["name"], clean["estimate"]["value"] = "clean_accuracy", 0.99
    finding["estimates"].append(clean)
    html = load_renderer().render(report)
    assert "99 in 100 are right" in " ".join(" ".join(parsed(html).text).split())


def test_numbers_and_sentences_read_as_a_person_writes_them():
    report = copy.deepcopy(report_sample.report())
    report["verdicts"][0] |= {"why": "the whole range lies above the limit"}
    report["policy"]["locked_at"] = "2026-11-20T09:00:00Z"
    facts = report["findings"][0]["estimates"]
    facts[:] = [
        report_sample.named(f"fact_{x:g}", report_sample.estimate(x, why="a fact"))
        for x in (2e-7, 10)
    ]
    html = load_renderer().render(report)
    text = " ".join(" ".join(parsed(html).text).split())
    assert "The whole range lies above the limit. Why this limit: the old model had 0.9." in text
    assert re.search(r"measured: [\d.]+, between [\d.]+ and [\d.]+", text)
    assert "on 20 November 2026, 09:00 UTC" in text[: text.index("Details")]
    assert "2·10⁻⁷" in text
    first = html[html.index('id="finding-1"') : html.index('id="finding-2"')]
    assert 'class="interval"' not in first  # facts of the run share no line


def test_every_verdict_status_and_check_is_shown_in_words_not_by_colour_alone(page):
    text = " ".join(parsed(page).text)
    for words in ("met", "not met", "undecided", "not measured", "Not to be trusted", "passed"):
        assert words in text


def test_a_failed_check_shows_its_reason_and_remedy(page):
    text = " ".join(" ".join(parsed(page).text).split())
    for finding in report_sample.report()["findings"]:
        for check in finding["checks"]:
            if check["result"] == "fail":
                assert check["why"] in text and check["remedy"][1:] in text


def easy(applies_to: list[str], first: str = "accuracy") -> dict:
    """A report of one answer, with a failed check that covers `applies_to`."""
    report = copy.deepcopy(report_sample.report())
    finding = next(f for f in report["findings"] if f["probe"] == "task")
    rate = report_sample.rate
    finding |= {
        "headline": "Of all 600 images, none are read wrongly.",
        "estimates": [
            report_sample.named(first, rate(0.99, 600), "share read correctly"),
            report_sample.named("accuracy@sex=f", rate(0.98, 50), "share read correctly, f"),
            report_sample.named("log_loss", rate(0.01, 600), "surprise at the true class"),
        ],
        "checks": [report_sample.check("planted", "fail", "it was planted", "more", applies_to)],
    }
    report |= {"findings": [finding], "verdicts": [], "policy": None}
    return report


ASIDE = [["log_loss"], ["accuracy@sex=f"], ["log_loss", "accuracy@sex=f"]]
AGAINST = [["*"], [], ["headline", "log_loss"], ["accuracy"], ["log_loss", "accuracy"]]


@pytest.mark.parametrize("applies_to", ASIDE + AGAINST, ids=",".join)
def test_a_failed_check_speaks_against_the_headline_only_where_it_covers_it(applies_to):
    import leadline

    told = easy(applies_to)
    report = leadline.Report.from_json(json.dumps(told))
    page = load_renderer().render(told)
    first = " ".join(page[: page.index('<p class="divider">')].split())
    forms = {
        "html": 'class="badge doubtful"' in first[first.index('id="questions"') :],
        "fragment": "Not to be trusted</span>" in load_renderer().fragment(told),
        "markdown": "- **Not to be trusted**: Of all" in report.to_markdown(),
        "text": "NOT TO BE TRUSTED: Of all" in report.summary(),
    }
    assert set(forms.values()) == {applies_to in AGAINST}, forms
    # Whatever it covers, the number itself is marked, and the reason stands on the first page.
    assert "it was planted" in first
    n_marked = 3 if "*" in applies_to or not applies_to else len(set(applies_to) - {"headline"})
    assert page.count(">not to be trusted</a>") == n_marked
    assert report.to_markdown().count("(not to be trusted)") == n_marked
    for text in (page, load_renderer().fragment(told), report.to_markdown(), report.summary()):
        assert ("Not to be trusted beside it" in text) == (applies_to in ASIDE)


def test_a_headline_reads_the_first_estimate_at_any_setting():
    words = sys.modules[load_renderer().__name__].words
    finding = easy(["accuracy{eps=0.1}"], first="accuracy{eps=0.3}")["findings"][0]
    assert words.headline_doubts(finding)
    finding["checks"][0]["applies_to"] = ["accuracy{eps=0.1}@sex=f"]
    assert not words.headline_doubts(finding)
    finding["estimates"][0]["estimate"] |= {"status": "undefined", "value": None}
    assert words.headline_doubts(finding)  # nobody knows what it reads


def test_shares_are_drawn_from_0_to_1_beside_numbers_that_are_none():
    section = sys.modules[load_renderer().__name__].view.section
    named, estimate = report_sample.named, report_sample.estimate
    scales = section._scales(
        [
            named("auroc{ood=a}", estimate(0.9, 0.88, 0.92)),
            named("mean_squared_distance", estimate(89.4, 80, 100)),
            named("drop{k=1}", estimate(0.5, 0.4, 0.6)),
            named("drop{k=2}", estimate(7.2, 7.0, 7.4)),
        ]
    )
    assert scales["", "auroc"] == (0.0, 1.0)
    assert scales["", "mean_squared_distance"][1] > 100
    assert 7.4 < scales["", "drop"][1] < 8  # one quantity, one scale


def test_an_untitled_report_is_called_after_its_model_and_data():
    report = report_sample.report() | {"title": ""}
    report["provenance"] = report_sample.pairs(**{"model.name": "net", "data.name": "digits"})
    assert "<h1>net on digits</h1>" in load_renderer().render(report)


def test_a_missing_answer_says_which_question_has_none():
    text = " ".join(" ".join(parsed(load_renderer().fragment(report_sample.report())).text).split())
    for finding in report_sample.report()["findings"]:
        assert finding["question"] in text
    assert "Not measured Not measured" not in text


def test_a_finding_alone_shows_its_numbers_and_no_first_page():
    for finding in report_sample.report()["findings"]:
        html = load_renderer().finding(finding)
        text = " ".join(" ".join(parsed(html).text).split())
        assert finding["question"] in text and "Does it pass?" not in text
        assert "No limits were set" not in text
        assert html.count("<section") == 1
        for entry in finding["estimates"]:
            assert (entry["label"] or entry["name"]) in text


def poisoned(value, poison):
    """The same structure with every free text replaced by `poison`."""
    fixed = {"status", "result", "outcome", "comparison", "type", "kind", "style", "better",
             "format", "pixels", "timing", "created"}  # fmt: skip
    if isinstance(value, dict):
        return {k: v if k in fixed else poisoned(v, poison) for k, v in value.items()}
    if isinstance(value, list):
        return [poisoned(v, poison) for v in value]
    return poison if isinstance(value, str) and value not in ("inf", "-inf") else value


@pytest.mark.parametrize(
    "poison",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'; } </style><script>1</script>",
        "javascript:alert(1)",
        "{{ 7 * 7 }}{% for x in y %}",
        "\u202eevil\u0000 & < > \" '",
    ],
)
@pytest.mark.parametrize("render", ["render", "fragment"])
def test_every_string_of_a_report_is_escaped(poison, render):
    html = getattr(load_renderer(), render)(poisoned(report_sample.report(), poison))
    found = parsed(html)
    assert not [tag for tag, _ in found.tags if tag == "script"]
    for tag, attributes in found.tags:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert attributes.get("src", "data:").startswith("data:")
        assert not attributes.get("href", "").startswith("javascript:")
    if "{{" in poison:
        assert poison in " ".join(found.text)


def test_an_empty_report_still_says_that_nothing_was_measured():
    report = report_sample.report()
    report.update(findings=[], verdicts=[], policy=None, provenance=[])
    assert "<html" in load_renderer().render(report)
    assert load_renderer().fragment(report)


def test_pictures_have_words_for_those_who_do_not_see_them(page):
    for tag, attributes in parsed(page).tags:
        if tag == "img":
            assert attributes.get("alt")
        if tag == "svg":
            assert (
                attributes.get("aria-label")
                or attributes.get("aria-hidden") == "true"
                or (attributes.get("aria-labelledby"))
            ), attributes


def test_many_series_of_points_differ_in_shape_or_colour():
    load_renderer()
    from leadline_html.plot import curve

    series = [
        {"name": f"m{i}", "style": "points", "x": [i], "y": [i], "lower": [], "upper": []}
        for i in range(20)
    ]
    block = {"type": "curve", "title": "", "note": "", "x_label": "", "y_label": ""}
    made = curve({**block, "log_x": False, "diagonal": False, "series": series})
    keys = re.findall(r'd="M[\d.]+ [\d.]+(m[^"]+)" class="dot (s\d)"', str(made["svg"]))
    assert len(keys) == len(set(keys)) == 20


def test_a_table_of_slices_is_drawn_as_a_forest_on_one_scale():
    from leadline._html.block import block_view

    def cell(value):
        e = {"value": value, "lower": value - 0.05, "upper": value + 0.05, "status": "ok"}
        return {"estimate": e}

    block = {
        "type": "table",
        "title": "Groups",
        "note": "",
        "columns": ["slice", "first", "difference (second - first)", "p"],
        "rows": [[f"g{i}", cell(0.5), cell(-0.2 + 0.1 * i), 0.5] for i in range(4)],
    }
    made = block_view(block)
    assert made["columns"] == ["slice", "first", "difference (second - first)", "", "p"]
    centres = [float(re.findall(r'<circle cx="([\d.]+)"', row[3])[0]) for row in made["rows"]]
    steps = [b - a for a, b in zip(centres, centres[1:], strict=False)]
    assert min(steps) > 0 and max(steps) - min(steps) < 0.2
    assert all('class="limit"' in row[3] for row in made["rows"])  # no difference
    few = block_view({**block, "rows": block["rows"][:2]})
    assert few["columns"] == block["columns"] and few["forest"] == ""
