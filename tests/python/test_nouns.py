"""Estimates, findings, policies, reports, tables and arrays as Python sees them."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import leadline


def test_an_undefined_value_cannot_be_read_by_accident():
    absent = leadline.Estimate.absent("undefined", "no sample of class 3")
    assert absent.status == "undefined" and not absent.ok and absent.why == "no sample of class 3"
    with pytest.raises(ValueError, match="no sample of class 3"):
        _ = absent.value


def test_an_estimate_survives_pickling_and_equals_itself():
    e = leadline.Estimate.rate(7, 10, "clopper_pearson").with_fact("classes_averaged", 3)
    again = pickle.loads(pickle.dumps(e))
    assert again == e == copy.deepcopy(e)
    assert (again.lower, again.upper, again.facts) == (e.lower, e.upper, {"classes_averaged": 3.0})
    absent = leadline.Estimate.absent("empty", "nothing seen")
    assert pickle.loads(pickle.dumps(absent)) == absent != e


def test_the_wilson_interval_is_that_of_the_closed_form():
    e = leadline.Estimate.rate(90, 100)
    z, p, n = 1.959963984540054, 0.9, 100
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    assert e.lower == pytest.approx(centre - half, abs=1e-12)
    assert e.upper == pytest.approx(centre + half, abs=1e-12)


def test_a_finding_holds_blocks_and_survives_json():
    f = leadline.Finding(headline="h", consequence="c")
    f.add("rate", leadline.Estimate.rate(1, 4), better="lower", label="share")
    f.add_check(leadline.Check("sane", "fail", why="it is not", applies_to=["rate"]))
    f.add_block(leadline.Curve("c", [leadline.Series("s", [0, 1], [0.5, 1])], diagonal=True))
    f.add_block(leadline.Grid("g", ["a"], ["b", "c"], [1, 2], counts=True))
    f.add_block(
        leadline.TableBlock("t", ["k", "v"], [["x", 1], ["y", leadline.Estimate.rate(1, 2)]])
    )
    picture = np.arange(12, dtype="uint8").reshape(2, 2, 3)
    f.add_block(leadline.Exhibit(3, images=[picture], title="one"))
    again = leadline.Finding.from_json(f.to_json())
    assert again["rate"] == f["rate"] and again.to_json() == f.to_json()
    assert [c.name for c in again.doubts("rate")] == ["sane"]
    assert np.array_equal(again.blocks[3].images[0], picture)
    assert again.blocks[1].values.tolist() == [[1.0, 2.0]]
    with pytest.raises(leadline.ValueError, match="rate"):
        f.add("rate", leadline.Estimate())
    with pytest.raises(leadline.ShapeError, match="uint8"):
        leadline.Exhibit(1, images=[np.zeros((2, 2))])


def test_a_policy_is_built_locked_saved_and_refused_when_edited(tmp_path):
    policy = leadline.Policy("gate").require("task.accuracy", at_least=0.9, reason="contract")
    policy.lock("2026-01-01T00:00:00Z").save(tmp_path / "p.toml")
    again = leadline.Policy.load(tmp_path / "p.toml")
    assert again.locked and again.hash == policy.hash
    assert again.requirements[0].comparison == ">=" and again.requirements[0].limit == 0.9
    text = (tmp_path / "p.toml").read_text()
    with pytest.raises(leadline.ValueError, match="lock"):
        leadline.Policy.from_toml(text.replace("0.9", "0.8"))
    with pytest.raises(leadline.ValueError, match="exactly one"):
        leadline.Policy().require("task.accuracy", at_least=0.9, at_most=1.0)


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "uint8", "int32", "int64", "bool"]
)
def test_arrays_pass_through_a_tensor_unchanged(dtype):
    a = (np.arange(24) % 2).reshape(2, 3, 4).astype(dtype)
    t = leadline.Tensor(a)
    assert (t.shape, t.dtype, t.device) == ((2, 3, 4), dtype, "cpu")
    assert np.array_equal(t.numpy(), a) and t.numpy().dtype == a.dtype
    assert np.shares_memory(t.numpy(), a) and not t.numpy().flags.writeable
    sliced = a.transpose(2, 0, 1)[::2]
    assert np.array_equal(leadline.Tensor(sliced).numpy(), sliced)
    assert np.array_equal(np.from_dlpack(leadline.Tensor(a)), a)


def test_torch_tensors_come_in_without_a_copy_and_with_a_graph():
    torch = pytest.importorskip("torch")
    t = torch.randn(3, 4, requires_grad=True)
    handle = leadline.Tensor(t)
    assert np.array_equal(handle.numpy(), t.detach().numpy())
    assert handle.numpy().__array_interface__["data"][0] == t.data_ptr()
    bf16 = torch.ones(2, dtype=torch.bfloat16)
    assert leadline.Tensor(bf16).dtype == "bfloat16"
    assert leadline.Tensor(bf16).numpy().dtype == np.float32
    back = torch.from_dlpack(leadline.Tensor(torch.arange(5)))
    assert torch.equal(back, torch.arange(5))
    with pytest.raises(TypeError, match="sparse|dense"):
        leadline.Tensor(torch.eye(2).to_sparse())
    with pytest.raises(TypeError):
        leadline.Tensor(torch.zeros(2, dtype=torch.complex64))


def test_a_tensor_keeps_its_memory_alive():
    handle = leadline.Tensor(np.arange(1000))
    view = leadline.Tensor(np.arange(1000)).numpy()
    assert handle.numpy().sum() == view.sum() == 499500


@pytest.mark.parametrize(
    "bad", ["text", {"a": 1}, [[1], [1, 2]], object(), np.array(["a"]), np.zeros(2, "c16")]
)
def test_what_is_no_array_is_refused_with_a_remedy(bad):
    with pytest.raises(leadline.TypeError) as caught:
        leadline.Tensor(bad)
    assert caught.value.remedy and caught.value.expected and isinstance(caught.value, TypeError)


def test_a_table_keeps_types_categories_and_missing_values():
    t = leadline.Table({"age": [31.0, None], "n": np.array([1, 2]), "sex": ["f", None]})
    assert list(t["age"]) == [31.0, None] and t["n"].tolist() == [1, 2]
    assert list(t["sex"]) == ["f", None] and t.text("sex", 1) == "missing"
    assert list(t.take([1, 0])["n"]) == [2, 1]
    with pytest.raises(leadline.ShapeError):
        leadline.Table({"a": [1, 2], "b": [1]})


def test_a_pandas_table_comes_in():
    pandas = pytest.importorskip("pandas")
    t = leadline.Table(pandas.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]}))
    assert t.names == ["a", "b"] and list(t["b"]) == ["x", "y"]


def test_random_numbers_depend_on_seed_stream_and_id_alone():
    a, b = leadline.Rng(3, "s", 7), leadline.Rng(3, "s", 7)
    assert np.array_equal(a.normal(100), b.normal(100))
    assert leadline.Rng(3, "s", 8).uniform() != leadline.Rng(3, "s", 7).uniform()


def test_an_error_carries_its_parts_and_survives_pickling():
    with pytest.raises(leadline.Error) as caught:
        leadline.Estimate.rate(3, 2)
    error = caught.value
    assert isinstance(error, ValueError) and error.where and error.got and error.remedy is not None
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.where == error.where and type(again) is type(error)
    own = leadline.DataError("mine", "a", "b", "c")
    assert str(own) == "mine: expected a, got b (c)"
