"""Metrics from Python: built-in classes, function twins, and classes of one's own."""

from __future__ import annotations

import copy
import inspect
import pickle

import numpy as np
import pytest
import toys

import leadline

rng = np.random.default_rng(0)
SCORES = rng.normal(size=(200, 4)).astype("float32")
TARGET = rng.integers(0, 4, 200)


def test_the_usage_of_the_readme_works_as_written():
    scores, target, average = SCORES, TARGET, "macro"
    m, other = leadline.metrics.Accuracy(), leadline.metrics.Accuracy()
    m.update(scores[:120], target[:120])
    other.update(scores[120:], target[120:])
    m.merge(other)
    whole = leadline.metrics.Accuracy()
    whole.update(scores, target)
    assert m.compute() == whole.compute()
    assert m.compute().value == pytest.approx((scores.argmax(1) == target).mean())
    f1 = leadline.metrics.F1(average=average)
    f1.update(scores, target)
    assert leadline.metrics.f1(scores, target, average="macro") == f1.compute()


def test_scikit_learn_agrees():
    sklearn = pytest.importorskip("sklearn.metrics")
    label = SCORES.argmax(1)
    for average in ("macro", "micro", "weighted"):
        ours = leadline.metrics.f1(SCORES, TARGET, average=average).value
        assert ours == pytest.approx(sklearn.f1_score(TARGET, label, average=average), abs=1e-12)
    ours = leadline.metrics.balanced_accuracy(SCORES, TARGET).value
    assert ours == pytest.approx(sklearn.balanced_accuracy_score(TARGET, label), abs=1e-12)


@pytest.mark.parametrize(
    "kind", ["float32", "float64", "list", "torch", "bfloat16", "sliced", "grad"]
)
def test_any_kind_of_array_gives_the_same_answer(kind):
    want = leadline.metrics.accuracy(SCORES.round(1), TARGET)
    scores, target = SCORES.round(1), TARGET
    if kind in ("float32", "float64"):
        scores = scores.astype(kind)
    elif kind == "list":
        scores, target = scores.tolist(), target.tolist()
    elif kind == "sliced":
        scores, target = np.repeat(scores, 2, 0)[::2], np.repeat(target, 3)[::3]
    else:
        torch = pytest.importorskip("torch")
        scores, target = torch.tensor(scores), torch.tensor(target)
        if kind == "grad":
            scores.requires_grad_()
        if kind == "bfloat16":
            scores = scores.round().to(torch.bfloat16)
            want = leadline.metrics.accuracy(SCORES.round(1).round(), TARGET)
    assert leadline.metrics.accuracy(scores, target) == want


def test_options_have_names_defaults_ranges_and_say_what_is_wrong():
    F1 = leadline.metrics.F1
    assert inspect.signature(F1).parameters["average"].default is not inspect.Parameter.empty
    assert "average" in F1.__doc__ and "Example" in F1.__doc__
    assert repr(F1()) == "F1()" and repr(F1(average="micro")) == "F1(average='micro')"
    with pytest.raises(leadline.ValueError, match="macro"):
        F1(average="mcro")
    with pytest.raises(TypeError):
        F1(avg="macro")
    with pytest.raises(leadline.Error, match="level"):
        leadline.metrics.Accuracy(level=1.5)
    with pytest.raises(leadline.ValueError, match="average"):
        leadline.catalogs.make("f1", averag="macro")


def test_a_metric_pickles_copies_and_saves_with_its_state():
    m = leadline.metrics.F1(average="weighted")
    m.update(SCORES, TARGET)
    for again in (pickle.loads(pickle.dumps(m)), copy.deepcopy(m)):
        assert again.compute() == m.compute() and again.get_options() == m.get_options()
    fresh = m.fresh()
    assert fresh.compute().status == "empty"
    fresh.load(m.save())
    assert fresh.compute() == m.compute()
    with pytest.raises(leadline.StoreError):
        fresh.load("{}")
    assert fresh.compute() == m.compute()


@pytest.mark.parametrize(
    ("scores", "target"),
    [
        (np.full((2, 3), np.nan), [0, 1]),
        (np.zeros((2, 3)), [0, 3]),
        (np.zeros((2, 3)), [0, -1]),
        (np.zeros((2, 3)), [0, 1, 2]),
        (np.zeros((2, 3)), np.array([0.5, 1.0])),
        (np.zeros((2, 3, 4)), [0, 1]),
        ("text", [0, 1]),
        (np.zeros((2, 3)), None),
    ],
)
def test_a_batch_that_is_wrong_is_refused_whole(scores, target):
    m = leadline.metrics.Accuracy()
    m.update(np.eye(3), [0, 1, 1])
    before = m.save()
    with pytest.raises(leadline.Error) as caught:
        m.update(scores, target)
    assert caught.value.where and caught.value.expected and m.save() == before


def test_none_in_place_of_an_array_is_named():
    with pytest.raises(
        leadline.TypeError, match="Accuracy.update: expected target as an array, got None"
    ):
        leadline.metrics.accuracy(np.eye(3), None)


def test_too_few_too_many_and_unknown_columns_are_errors():
    m = leadline.metrics.Accuracy()
    with pytest.raises(leadline.Error):
        m.update(np.eye(3))
    with pytest.raises(leadline.TypeError, match="prediction, target"):
        m.update(np.eye(3), [0, 1, 2], [0, 1, 2])
    with pytest.raises(leadline.ValueError):
        m.merge(leadline.metrics.F1())


def test_nothing_seen_is_a_status_not_a_number():
    e = leadline.metrics.Accuracy().compute()
    assert e.status == "empty" and e.n == 0
    with pytest.raises(leadline.ValueError):
        _ = e.value


def test_describe_gives_the_blocks_behind_the_number():
    m = leadline.metrics.ConfusionMatrix()
    m.update(SCORES, TARGET)
    found = m.describe()
    assert any(isinstance(b, leadline.Grid) for b in found.blocks)


def test_a_metric_of_ones_own_folds_merges_saves_and_loads():
    m = toys.CountMean(weight=2.0)
    rows = leadline.Rows(prediction=np.array([0, 1, 1]), target=np.array([0, 1, 0]))
    m.update(rows)
    other = m.fresh()
    assert other.n == 0 and other.weight == 2.0
    other.load(m.save())
    m.merge(other)
    assert (m.hits, m.n) == (4, 6) and m.compute().value == pytest.approx(4 / 6)
    assert "pickle" not in m.save() and m.save().startswith("{")
    with pytest.raises(leadline.StoreError):
        toys.CountMean(weight=3.0).load(m.save())
    with pytest.raises(leadline.StoreError):
        m.load('{"type": "CountMean"')
    assert (m.hits, m.n) == (4, 6)


def test_weights_and_ids_are_read_by_name():
    m = leadline.metrics.Accuracy()
    m.update(scores=SCORES, target=TARGET, ids=np.arange(200))
    assert m.compute().n == 200
