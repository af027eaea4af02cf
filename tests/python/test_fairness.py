"""Fairness from Python: any metric by group, gaps, weak slices and mitigations."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import leadline
from leadline import fairness, metrics

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "fairness.json").read_text())
TARGET = np.array(GOLDEN["target"])
SCORE = np.array(GOLDEN["score"])
DECIDED = (SCORE > 0.5).astype(np.int64)
SEX = np.array(["f", "m"])[GOLDEN["sex"]]
AGE = np.array(["young", "middle", "old"])[GOLDEN["age"]]


def test_the_usage_of_the_issue_works_as_written():
    scores, target, sex, age_band = np.stack([1 - SCORE, SCORE], axis=1), TARGET, SEX, AGE
    report = fairness.by_group(
        metrics.Accuracy(), scores, target, groups={"sex": sex, "age": age_band}
    )
    women = sex == "f"
    assert report["sex=f"] == metrics.accuracy(scores[women], target[women])
    assert report.overall == metrics.accuracy(scores, target)
    assert report.splits == ["sex", "age", "sex,age"]
    assert "sex=f,age=old" in report and len(report) == 2 + 3 + 6
    gap = report.gap("sex,age")
    assert gap.lower <= gap.value <= gap.upper and gap.null_gap > 0 and 0 < gap.p_value <= 1
    assert report.row("sex=f,age=old").shrunk.method == "beta_binomial"
    assert "overall" in repr(report) and "parity would show" in repr(gap)
    finding = report.describe()
    assert finding["accuracy@sex=f"] == report["sex=f"]


@pytest.mark.parametrize(
    "kind",
    ["list", "str", "object", "int", "bool", "categorical", "series", "frame", "table", "torch"],
)
def test_groups_of_any_kind_give_the_same_answer(kind):
    codes = np.array(GOLDEN["sex"])
    want = fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups=codes)["group=1"]
    groups = codes
    if kind == "list":
        groups = {"g": codes.tolist()}
    elif kind == "str":
        groups = {"g": codes.astype(str)}
    elif kind == "object":
        groups = {"g": codes.astype(str).astype(object)}
    elif kind == "int":
        groups = {"g": codes.astype("int32")}
    elif kind == "bool":
        groups = {"g": codes.astype(bool)}
    elif kind == "torch":
        groups = {"g": pytest.importorskip("torch").tensor(codes)}
    elif kind == "table":
        groups = leadline.Table({"g": codes.astype(str).tolist()})
    else:
        pandas = pytest.importorskip("pandas")
        series = pandas.Series(codes.astype(str), name="g")
        groups = {
            "categorical": {"g": series.astype("category")},
            "series": {"g": series},
            "frame": pandas.DataFrame({"g": series}),
        }[kind]
    report = fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups=groups)
    name = "g=True" if kind == "bool" else "g=1"
    assert report[name] == want if kind != "int" or "g=1" in report else False


def test_missing_groups_count_overall_only():
    sex = ["f", None, "m", float("nan")] * 50
    report = fairness.by_group(
        metrics.Accuracy(), DECIDED[:200], TARGET[:200], groups={"sex": sex}, min_support=10
    )
    assert report.n == 200 and report.row("sex=f").n == 50 and len(report) == 2


def test_a_metric_written_in_python_works_by_group():
    class Mean(leadline.Metric):
        def __init__(self):
            super().__init__()
            self.total, self.n = 0.0, 0

        def info(self):
            return {"name": "mean_score", "reads": ["scores", "target"], "range": (0.0, 1.0)}

        def update(self, rows):
            self.total += float(np.asarray(rows["scores"]).sum())
            self.n += len(rows)

        def merge(self, other):
            self.total += other.total
            self.n += other.n

        def compute(self):
            if not self.n:
                return leadline.Estimate()
            return leadline.Estimate.of(self.total / self.n, self.n, "toy")

    report = fairness.by_group(Mean(), SCORE, TARGET, groups={"sex": SEX})
    assert report["sex=m"].value == pytest.approx(SCORE[SEX == "m"].mean())
    assert report.gap().estimate.why == "a group's estimate has no interval"


def test_sample_weight_is_that_of_fairlearn():
    weights = np.array(GOLDEN["weights"])
    given = {"groups": {"sex": SEX}, "sample_weight": weights}
    peer = GOLDEN["weighted"]
    report = fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, **given)
    assert report["sex=f"].value == pytest.approx(peer["accuracy"]["0"], abs=1e-12)
    for name in ("equalized_odds_difference", "equal_opportunity_difference"):
        ours = getattr(fairness, name)(DECIDED, TARGET, **given)
        assert ours.value == pytest.approx(peer[name], abs=1e-12)
    ours = fairness.demographic_parity_difference(DECIDED, **given)
    assert ours.value == pytest.approx(peer["demographic_parity_difference"], abs=1e-12)


def test_frames_and_counts_merge_batch_by_batch():
    frame, other = (fairness.GroupFrame([metrics.Accuracy(), metrics.F1()]) for _ in range(2))
    counts, more = fairness.GroupCounts(), fairness.GroupCounts()
    for k, half in enumerate((slice(0, 700), slice(700, None))):
        (frame, other)[k].update(DECIDED[half], TARGET[half], groups={"sex": SEX[half]})
        (counts, more)[k].update(DECIDED[half], TARGET[half], groups={"sex": SEX[half]})
    frame.merge(other)
    counts.merge(more)
    whole = fairness.by_group(
        [metrics.Accuracy(), metrics.F1()], DECIDED, TARGET, groups={"sex": SEX}
    )
    for ours, want in zip(frame.compute(), whole, strict=True):
        assert [r.estimate for r in ours.rows] == [r.estimate for r in want.rows]
    back = fairness.GroupFrame([metrics.Accuracy(), metrics.F1()])
    back.load(frame.save())
    assert back.compute()[0]["sex=f"] == whole[0]["sex=f"]
    peer = GOLDEN["by_sex"]["equalized_odds_difference"]
    assert fairness.equalized_odds_difference(counts).value == pytest.approx(peer, abs=1e-12)
    assert fairness.group_rates("selection_rate", counts)["sex=m"].n == (SEX == "m").sum()


def test_bad_input_has_four_part_errors():
    ok = {"groups": {"sex": SEX}}
    with pytest.raises(leadline.ShapeError, match="groups of 2000 rows, as the columns, got 3"):
        fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups=["a", "b", "c"])
    with pytest.raises(
        leadline.ShapeError, match="2000 values in groups 'age', as in 'sex', got 2"
    ):
        fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups={"sex": SEX, "age": [1, 2]})
    with pytest.raises(leadline.TypeError, match="groups 'age' as categories, integers or texts"):
        fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups={"age": SCORE})
    with pytest.raises(leadline.ValueError, match="weights"):
        fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, sample_weight=-np.ones(2000), **ok)
    twos = fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, sample_weight=[2] * 2000, **ok)
    assert (
        twos["sex=f"].value
        == fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, **ok)["sex=f"].value
    )
    with pytest.raises(leadline.TypeError, match="a metric or a list of metrics"):
        fairness.by_group("accuracy", DECIDED, TARGET, **ok)
    with pytest.raises(leadline.TypeError, match=r"pass groups=\{"):
        fairness.demographic_parity_difference(DECIDED)
    with pytest.raises(leadline.ValueError, match="did you mean 'sex=f'"):
        fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, **ok)["sex=g"]
    with pytest.raises(leadline.ValueError, match="by one of sex"):
        fairness.demographic_parity_difference(DECIDED, by="race", **ok)
    lonely = np.where(np.arange(2000) == 5, "x", SEX)
    report = fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups={"sex": lonely})
    assert report["sex=x"].status == "not_measured" and "n = 1" in report["sex=x"].why
    assert (
        fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups=["a"] * 2000).gap().ok
        is False
    )


def test_consistency_is_that_of_scikit_learns_neighbours():
    neighbors = pytest.importorskip("sklearn.neighbors")
    x = np.random.default_rng(3).normal(size=(300, 4))
    y = (x[:, 0] > 0).astype(np.int64)
    index = neighbors.NearestNeighbors(n_neighbors=6).fit(x).kneighbors(x, return_distance=False)
    want = 1 - np.abs(y - y[index[:, 1:]].mean(axis=1)).mean()
    assert fairness.consistency(x, y, k=5).value == pytest.approx(want, abs=1e-12)


def test_weak_slices_of_the_breast_cancer_data():
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.linear_model import LogisticRegression

    x, y = datasets.load_breast_cancer(return_X_y=True)
    table = {"radius": x[:, 0], "texture": x[:, 1]}
    model = LogisticRegression().fit(x[:, :2] - x[:, :2].mean(0), y)
    wrong = (model.predict(x[:, :2] - x[:, :2].mean(0)) != y).astype(float)
    found = fairness.find_weak_slices(table, wrong, seed=1)
    assert found.n_searched > 8 and found.columns == ["radius", "texture"]
    worst = found.significant[0]
    assert "radius=[13.4, 15.8)" in worst.name.replace("13.37", "13.4").replace("15.78", "15.8")
    assert worst.difference.lower > 0 and worst.loss.value > wrong.mean()
    shuffled = np.random.default_rng(0).permutation(wrong)
    assert not fairness.find_weak_slices(table, shuffled, seed=1).significant


def test_mitigations_are_compared_on_fresh_data():
    fit, test = slice(0, 1000), slice(1000, 2000)
    both = {"groups": {"sex": SEX[fit]}}
    thresholds = fairness.GroupThresholds(goal="equal_opportunity").fit(
        SCORE[fit], TARGET[fit], **both
    )
    reject = fairness.RejectOption(limit=0.02).fit(SCORE[fit], TARGET[fit], **both)
    reports = fairness.compare_mitigations(
        {"thresholds": thresholds, "reject": reject, "nobody": np.zeros(1000, dtype=np.int64)},
        TARGET[test],
        groups={"sex": SEX[test]},
        probability=SCORE[test],
        replicates=300,
    )
    gain = reports[1]["demographic_parity_difference"]
    assert gain.better == "lower" and gain.change.upper < 0
    assert reports[0]["equal_opportunity_difference"].change.value < 0
    price = reports[2]["accuracy"]
    assert price.change.upper < 0 and price.change.method == "newcombe_paired"
    assert reports[2]["equal_opportunity_difference"].after.value == 0
    assert reports[0].table.columns[-1] == "change" and "->" in repr(reports[0])
    with pytest.raises(leadline.ValueError, match="a fitted transform, got none"):
        fairness.GroupThresholds().transform(SCORE, groups=SEX)
    with pytest.raises(leadline.ValueError, match="probability= or prediction="):
        fairness.compare_mitigations({}, TARGET, groups=SEX)


def test_reweighing_removes_the_gap_of_the_labels():
    weights = (
        fairness.Reweighing()
        .fit(TARGET, groups={"sex": SEX})
        .transform(TARGET, groups={"sex": SEX})
    )
    assert weights.sum() == pytest.approx(2000)
    gap = fairness.demographic_parity_difference(TARGET, groups={"sex": SEX}, sample_weight=weights)
    assert gap.value == pytest.approx(0, abs=1e-12)


def test_calibration_by_group():
    calibration = fairness.GroupCalibration(bins=5)
    calibration.update(SCORE, TARGET, groups={"sex": SEX, "age": AGE})
    bias = calibration.bias(by="sex")
    women = SEX == "f"
    assert bias["sex=f"].value == pytest.approx((TARGET - SCORE)[women].mean())
    worst = calibration.multicalibration(depth=2)
    assert worst.value >= max(abs(b.value) for b in bias.values()) and worst.null_gap < worst.value
    assert calibration.expected_error_gap(by="sex").ok
    assert len(calibration.reliability("sex").series) == 2


def test_the_probe_reads_the_groups_of_the_data_and_a_policy_can_require_them():
    scores = np.stack([1 - SCORE, SCORE], axis=1).astype("float32")
    table = {"sex": SEX.tolist(), "age": AGE.tolist()}
    data = leadline.Dataset(scores, TARGET, table=table, modality="table")
    report = leadline.evaluate(
        lambda x: x, data, suite=["fairness"], output="probabilities", seed=0
    )
    by_sex = fairness.by_group(metrics.Accuracy(), DECIDED, TARGET, groups={"sex": SEX})
    assert report["fairness.accuracy@sex=f"].value == by_sex["sex=f"].value
    gap = report["fairness.demographic_parity_difference{by=sex}"]
    assert gap.value == pytest.approx(GOLDEN["by_sex"]["demographic_parity_difference"], abs=1e-12)
    assert gap.facts["p_holm"] <= 0.05
    assert "not treated alike" in report.findings[0].headline


class Tuples(leadline.Dataset):
    """Written in Python: its batches are tuples."""

    looks = 0

    def info(self):
        return {"size": 2000, "name": "tuples", "modality": "table"}

    def batch(self, ids):
        Tuples.looks += 1
        x = np.stack([1 - SCORE, SCORE], axis=1).astype("float32")
        return x[ids], TARGET[ids], {"sex": SEX[ids].tolist()}


def test_data_are_looked_at_for_groups_only_where_the_suite_depends_on_them():
    from leadline.evaluation import _suite_for

    Tuples.looks = 0
    for suite in ("quick", "accuracy", [metrics.Accuracy()]):
        assert "fairness" not in _suite_for(suite, Tuples()).ids
    assert Tuples.looks == 0
    assert "fairness" in _suite_for("standard", Tuples()).ids and Tuples.looks == 1


def test_larger_suites_ask_for_fairness_when_the_data_name_groups():
    from leadline.evaluation import _has_groups, make_suite

    x = np.stack([1 - SCORE, SCORE], axis=1).astype("float32")
    grouped = leadline.Dataset(x, TARGET, table={"sex": SEX.tolist()}, modality="table")
    assert _has_groups(grouped)
    assert not _has_groups(leadline.Dataset(x, TARGET, modality="table"))
    assert not _has_groups(leadline.Dataset(x, TARGET, table={"age": SCORE}, modality="table"))
    assert _has_groups(Tuples())
    for name, joins in (("quick", False), ("standard", True), ("deep", True)):
        assert ("fairness" in make_suite(name, "table", torch=False, groups=True).ids) is joins
        assert "fairness" not in make_suite(name, "table", torch=False).ids
