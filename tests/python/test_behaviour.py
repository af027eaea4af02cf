"""Tests of behaviour, search, rare failures and faults from Python."""

from __future__ import annotations

import math

import numpy as np
import pytest

import leadline
from leadline import robustness as rb
from leadline._load import torch_installed

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 3))
Y = (X[:, 0] > 0).astype(int)


def reads_first(x):
    x = np.asarray(x)
    return np.stack([np.zeros(len(x)), x[:, 0]], 1)


def data(**options):
    return leadline.Dataset(X, Y, feature_names=["a", "b", "c"], **options)


def normal_sf(t):
    return 0.5 * math.erfc(t / math.sqrt(2))


def test_one_syntax_serves_tables_images_and_texts():
    table = rb.expectations(
        reads_first,
        data(),
        [
            rb.Expectation("b", change=rb.edit("b", lambda v: -v)),
            rb.Expectation("a", "direction", rb.edit("a", lambda v: v + 1), of_class=1),
            rb.Expectation("y", "minimum_function"),
        ],
        output="logits",
    )
    assert [table[f"failure_rate{{test={t}}}"].value for t in "bay"] == [0, 0, 0]

    pictures = rng.uniform(size=(80, 1, 4, 4))
    brightness = rb.expectations(
        lambda x: np.stack([np.full(len(x), 0.5), np.asarray(x).mean((1, 2, 3))], 1),
        leadline.Dataset(pictures, bounds=(0.0, 1.0)),
        [
            rb.Expectation("flip", change=lambda x: x[..., ::-1].copy()),
            rb.Expectation("brighter", change=lambda x: np.clip(x + 0.3, 0, 1)),
        ],
        output="logits",
    )
    assert brightness["failure_rate{test=flip}"].value == 0
    assert brightness["failure_rate{test=brighter}"].value > 0.2

    texts = rb.fill_template("{who} is {mood}", who=["Ann", "Bo"] * 10, mood=["glad", "sad"])
    model = rb.TextClassifier(lambda texts: [int("glad" in t) for t in texts])
    found = rb.expectations(
        model,
        leadline.Dataset(rb.text_rows(texts), [int("glad" in t) for t in texts]),
        [
            rb.Expectation("labels", "minimum_function"),
            rb.Expectation("capitals", change=rb.on_text(lambda t, g: t.upper())),
            rb.Expectation(
                "Ann",
                change=rb.on_text(lambda t, g: t.replace("Ann", "Cy") if "Ann" in t else None),
            ),
        ],
    )
    assert found["failure_rate{test=labels}"].value == 0
    assert found["failure_rate{test=capitals}"].value == 0.5
    assert found["failure_rate{test=Ann}"].n == 20


def test_random_changes_depend_on_the_sample_alone():
    test = rb.Expectation("n", change=rb.on_rows(lambda row, g: row + g.normal(size=3)))
    values = {
        rb.expectations(reads_first, data(), [test], output="logits", batch_size=size)[
            "failure_rate{test=n}"
        ].value
        for size in (7, 64, 300)
    }
    assert len(values) == 1 and values.pop() > 0.1


def test_a_change_that_raises_is_named_with_its_line():
    test = rb.Expectation("broken", change=lambda x: x[:, 7])
    found = rb.expectations(reads_first, data(), [test], output="logits")
    assert found.status == "failed"
    assert "Expectation['broken'].change" in found.why and "IndexError" in found.why


def test_fixed_cases_run_beside_the_data():
    cases = (np.array([[1.0, 0, 0], [-1, 0, 0]] * 20), np.array([1, 1] * 20))
    test = rb.Expectation("cases", "minimum_function", cases=cases)
    found = rb.expectations(reads_first, data(), [test], output="logits")
    assert found["failure_rate{test=cases}"].value == 0.5
    assert not found.flags


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ([], "at least one test"),
        ([rb.Expectation("x")], "a change of the input"),
        ([rb.Expectation("x", "minimum_function")] * 2, "a name of its own"),
        ([rb.Expectation("x", "direction", lambda x: x, expect="rise")], "not_fall"),
        ([rb.Expectation("x", "same", lambda x: x)], "minimum_function"),
        ([rb.Expectation("x", "direction", lambda x: x, of_class=-3)], "of_class of at least 0"),
    ],
)
def test_tests_that_mean_nothing_are_refused(tests, words):
    with pytest.raises(leadline.ValueError, match=words):
        rb.Expectations(tests)


def test_expectations_run_beside_other_probes_in_one_report(tmp_path):
    probe = rb.Expectations([rb.Expectation("b", change=rb.edit(1, lambda v: -v))])
    report = leadline.evaluate(
        reads_first, data(), suite=["task", probe], output="logits", progress=False
    )
    assert report["expectations.failure_rate{test=b}"].value == 0
    report.save(tmp_path / "report.html")
    assert "Tests of behaviour" in (tmp_path / "report.html").read_text()


def test_failure_search_names_the_conditions():
    found = rb.failure_search(
        reads_first,
        leadline.Dataset(np.abs(X) + 0.5, np.ones(300, int)),
        [rb.Parameter("gain", -1, 1), rb.Parameter("sky", categories=["blue", "grey"])],
        lambda p, x: x * np.where(p["sky"] == "grey", p["gain"], 1.0)[:, None],
        budget=4000,
        output="logits",
    )
    assert found["worst_failure_rate"].lower > found["overall_failure_rate"].upper
    assert "sky = grey" in found.headline and "gain in [-" in found.headline


@pytest.mark.parametrize("rate", [1e-2, 1e-4, 1e-6, 1e-8])
def test_splitting_agrees_with_the_normal_tail(rate):
    t = next(t for t in np.linspace(0, 7, 70001) if normal_sf(t) <= rate)
    found = rb.splitting(lambda z: z @ [0.6, 0.8] - t, 2, seed=4)
    assert 0.6 * rate < found.rate.value < 1.7 * rate
    assert found.rate.lower < found.rate.value < found.rate.upper


def test_plain_draws_are_exact_and_certain():
    found = rb.monte_carlo(lambda z: z[:, 0] - 9.0, 1, 1000)
    assert found.value == 0
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 1000), rel=1e-9)


def test_a_performance_of_the_wrong_length_is_refused():
    with pytest.raises(leadline.ShapeError, match="scores"):
        rb.splitting(lambda z: z[:3, 0], 2)


def test_serving_faults_tell_silence_from_notice():
    found = leadline.evaluate(
        lambda x: np.where(np.isnan(x[:, :1]), 0.0, reads_first(x)),
        data(),
        suite=[rb.ServingFaults(faults=["nan_input", "stale_input"])],
        output="logits",
        progress=False,
    ).findings[0]
    assert found["detected_rate{fault=nan_input}"].value == 0
    assert 0 < found["silent_change_rate{fault=nan_input}"].value < 0.4
    assert found["recovery_rate{fault=stale_input}"].value == 1


@pytest.mark.skipif(not torch_installed(), reason="needs torch")
def test_weights_are_left_as_found_also_when_the_model_raises():
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    with pytest.raises(RuntimeError), rb.FlippedBit(net[0].weight, 5, 31):
        assert net[0].weight.flatten()[5] == -before["0.weight"].flatten()[5]
        raise RuntimeError("while flipped")
    rows = leadline.Dataset(X.astype("float32"), Y)
    found = leadline.evaluate(
        net, rows, suite=[rb.WeightFaults(flips=1)], output="logits", progress=False
    ).findings[0]
    assert found.status == "ok", found.why
    assert found["critical_rate"].n == 4 * 32
    for name, p in net.named_parameters():
        assert torch.equal(p, before[name]) and p.grad is None and p.requires_grad
    top = found["silent_change_rate{bits=exponent}"].value
    assert top > found["silent_change_rate{bits=mantissa}"].value


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: rb.Expectations(["x"]), "one with a str"),
        (lambda: rb.Expectations(rb.Expectation("x", change=lambda x: x)), "put it in a list"),
        (lambda: rb.Expectations([rb.Expectation("x", change=3)]), "a change that can be called"),
        (lambda: rb.FailureSearch([rb.Parameter("g")], 3), "a function"),
    ],
)
def test_what_is_no_test_or_simulation_is_a_type_error(make, words):
    with pytest.raises(leadline.TypeError, match=words):
        make()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: rb.Expectations([rb.Expectation("y", "minimum_function")], min_samples=-1),
            "of at",
        ),
        (lambda: rb.Parameter("g", categories=[]), "at least two categories"),
        (lambda: rb.Parameter("g", categories="ab"), "at least two categories"),
        (lambda: rb.FailureRate(size=float("inf")), "a finite size"),
    ],
)
def test_options_that_mean_nothing_are_refused(make, words):
    with pytest.raises(leadline.ValueError, match=words):
        make()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: None, "expected the changed inputs, got None"),
        (lambda x: x[:-1], "a change that gives"),
        (rb.on_rows(lambda row, g: row[:2]), "a row of the shape"),
    ],
)
def test_changes_that_give_no_inputs_say_so(change, words):
    test = rb.Expectation("x", change=change)
    found = rb.expectations(reads_first, data(), [test], output="logits")
    assert found.status == "failed" and words in found.why


def test_a_test_that_applies_to_nothing_is_said_in_whole_words():
    test = rb.Expectation("x", change=rb.on_rows(lambda row, g: None))
    found = rb.expectations(reads_first, data(), [test], output="logits")
    assert found.headline == "No test of behaviour applies to any sample that it changes."
    assert any("enough_applicable" in c.name and c.result == "fail" for c in found.checks)


def faults_of(model):
    return leadline.evaluate(
        model, data(), suite=[rb.ServingFaults()], output="logits", progress=False
    ).findings[0]


def test_faults_of_a_path_that_never_answers_cannot_be_told():
    found = faults_of(lambda x: np.full((len(x), 2), np.nan))
    assert found.status == "failed" and "no finite answer, on all 300 whole rows" in found.why


def test_rows_without_an_answer_are_left_out_of_the_faults():
    gaps = np.where(X[:, 1] > 1)[0]
    found = faults_of(lambda x: np.where(x[:, 1:2] > 1, np.nan, reads_first(x)))
    assert found["silent_change_rate{fault=stale_input}"].n == 300 - len(gaps)
    assert any(f"{len(gaps)} of 300 rows" in w for w in found.warnings)
