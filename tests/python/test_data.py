"""Data sets from arrays, tensors, frames, loaders, files and own classes, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

import leadline


def read(data: leadline.Dataset, batch_size: int = 4):
    batches = list(data.open(0, batch_size))
    return (
        np.concatenate([b.ids for b in batches]),
        np.concatenate([b.x for b in batches]),
        [None if b.target is None else b.target.tolist() for b in batches],
    )


def test_arrays_are_read_by_id_and_in_order():
    x = np.random.default_rng(0).normal(size=(10, 1, 4, 4)).astype("float32")
    data = leadline.Dataset(x, np.arange(10) % 3, class_names=["a", "b", "c"], bounds=(-9, 9))
    info = data.info()
    assert (info.modality, info.size, info.random_access, info.bounds) == (
        "image",
        10,
        True,
        (-9.0, 9.0),
    )
    assert info.fingerprint.startswith("xxh3:") and data.array_kind == "numpy"
    batch = data.batch([7, 2])
    assert batch.ids.tolist() == [7, 2] and np.array_equal(batch.x, x[[7, 2]])
    assert batch.target.tolist() == [1, 2]
    ids, rows, _ = read(data)
    assert ids.tolist() == list(range(10)) and np.array_equal(rows, x)


def test_lists_frames_and_tensors_come_in():
    torch = pytest.importorskip("torch")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"age": [1, 2, 3], "height": [0.1, 0.2, 0.3]})
    data = leadline.Dataset(frame, pandas.Series([0, 1, 0]))
    assert data.info().feature_names == ["age", "height"] and data.info().modality == "table"
    assert leadline.Dataset([[0.0], [1.0]], [0, 1]).batch([1]).x.tolist() == [[1.0]]
    made = leadline.Dataset(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
    assert made.array_kind == "torch" and len(made) == 3
    with pytest.raises(leadline.TypeError, match="city"):
        leadline.Dataset(pandas.DataFrame({"city": ["x", "y"]}))


def test_named_inputs_come_in_as_a_dict():
    torch = pytest.importorskip("torch")
    from torch.utils.data import DataLoader, Dataset

    image, age = torch.rand(12, 1, 4, 4), torch.arange(12.0)
    labels = (age > 5).long()

    class Records(Dataset):
        def __len__(self):
            return 12

        def __getitem__(self, i):
            return {"age": age[i], "image": image[i], "label": labels[i]}

    class Pairs(Records):
        def __getitem__(self, i):
            return {"age": age[i], "image": image[i]}, labels[i]

    class Own(leadline.Dataset):
        def info(self):
            return leadline.DataInfo(size=12, modality="image")

        def batch(self, ids):
            return {"image": image[ids], "age": age[ids]}, labels[ids]

    def net(x, age):
        assert x.shape[1:] == (1, 4, 4)
        return torch.stack([5.5 - age, age - 5.5], dim=1)

    arrays = {"age": age.numpy(), "image": image.numpy()}
    for data in (
        leadline.Dataset({"age": age, "image": image}, labels),
        leadline.Dataset(arrays, labels.numpy()),
        leadline.Dataset(Records()),
        leadline.Dataset(Pairs()),
        leadline.Dataset(DataLoader(Pairs(), batch_size=5)),
        Own(),
    ):
        model = leadline.as_model(net)
        report = leadline.evaluate(model, data, suite=["task"], output="logits", progress=False)
        assert report["task.accuracy"].value == 1.0
        assert data.info().modality == "image"
    with pytest.raises(leadline.TypeError, match="at least one array"):
        leadline.Dataset({}, labels)


def test_a_torch_data_set_and_its_loader_give_stable_ids():
    torch = pytest.importorskip("torch")
    from torch.utils.data import DataLoader, IterableDataset, TensorDataset

    x, y = torch.arange(12.0).reshape(6, 2), torch.arange(6)
    source = TensorDataset(x, y)
    for given in (source, DataLoader(source, batch_size=4, shuffle=True)):
        data = leadline.Dataset(given)
        assert data.info().random_access and len(data) == 6
        assert data.batch([5, 0]).x.tolist() == [[10.0, 11.0], [0.0, 1.0]]

    class Endless(IterableDataset):
        def __iter__(self):
            yield from zip(x, y, strict=True)

    stream = leadline.Dataset(DataLoader(Endless(), batch_size=4))
    assert not stream.info().random_access and stream.info().size is None
    ids, rows, target = read(stream, 3)
    assert (
        ids.tolist() == list(range(6))
        and np.array_equal(rows, x)
        and sum(target, []) == list(range(6))
    )
    with pytest.raises(leadline.CapabilityError, match="stream"):
        stream.batch([0])
    assert [b.ids[0] for b in stream.open(2, 4)][0] == 2


def test_a_file_of_arrays_comes_in_and_pickles_do_not(tmp_path):
    np.savez(tmp_path / "d.npz", x=np.zeros((3, 2)), y=np.array([0, 1, 0]), class_names=["n", "y"])
    data = leadline.Dataset(tmp_path / "d.npz")
    assert len(data) == 3 and data.info().name == "d" and data.info().class_names == ["n", "y"]
    np.savez(tmp_path / "evil.npz", x=np.array([{"a": 1}], dtype=object), y=np.array([0]))
    for name, pattern in (("evil.npz", "pickle|Object"), ("none.npz", "got none")):
        with pytest.raises(leadline.DataError, match=pattern):
            leadline.Dataset(tmp_path / name)
    whole = (tmp_path / "d.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(leadline.DataError):
        leadline.Dataset(str(tmp_path / "cut.npz"))
    np.savez(tmp_path / "other.npz", images=np.zeros(3))
    with pytest.raises(leadline.DataError, match="images"):
        leadline.Dataset(tmp_path / "other.npz")


NAN = np.array([[0.0], [np.nan]])


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "pattern"),
    [
        (NAN, [0, 1], {}, leadline.DataError, "finite"),
        (np.array([[0.0], [np.inf]]), [0, 1], {}, leadline.DataError, "finite"),
        (np.zeros((3, 1)), [0, 1], {}, leadline.ShapeError, "3|2"),
        (np.zeros((2, 1)), [0, 2], {"class_names": ["a", "b"]}, leadline.ValueError, "2"),
        (np.zeros((2, 1)), [0, -1], {}, leadline.ValueError, "-1"),
        (np.zeros((2, 1)), [0, 1], {"table": {"g": [1]}}, leadline.ShapeError, "1"),
        (np.zeros((2, 1)), [0, 1], {"bounds": (1, 0)}, leadline.ValueError, "bounds"),
        (np.zeros((2, 1)), [0, 1], {"modality": "smell"}, leadline.ValueError, "image"),
        (np.array(["a", "b"]), None, {}, leadline.TypeError, "float"),
    ],
)
def test_what_no_run_can_use_is_refused_at_the_border(x, y, options, error, pattern):
    with pytest.raises(error, match=pattern) as caught:
        leadline.Dataset(x, y, **options)
    assert caught.value.where and caught.value.expected and caught.value.got


class Own(leadline.Dataset):
    """A data set of one's own: squares."""

    def __init__(self, rows: int = 10, wrong: str = "") -> None:
        super().__init__()
        self.rows, self.wrong = rows, wrong

    def info(self):
        return {"size": self.rows, "name": "squares"}

    def batch(self, ids):
        if self.wrong == "raise" and 7 in ids:
            raise OSError("disk gone")
        x = np.asarray(ids, "float32")[:, None] ** 2
        return (x[:-1] if self.wrong == "short" else x), np.asarray(ids) % 2


def test_a_data_set_of_ones_own_is_read_through_cpp():
    data = Own()
    assert isinstance(data, leadline.Dataset) and len(data) == 10
    ids, rows, _ = read(data, 4)
    assert ids.tolist() == list(range(10)) and rows[:, 0].tolist() == [i * i for i in range(10)]


def test_a_data_set_that_raises_or_lies_names_class_method_and_place():
    with pytest.raises(
        leadline.DataError, match=r"Own.batch.*OSError: disk gone at test_data.py:\d+"
    ):
        read(Own(wrong="raise"))
    with pytest.raises(leadline.ShapeError, match="Own.batch"):
        read(Own(wrong="short"))

    class Nothing(leadline.Dataset):
        pass

    with pytest.raises(leadline.TypeError, match="Nothing.*info"):
        read(Nothing())


def test_the_length_of_a_loader_is_known_where_it_can_be():
    torch = pytest.importorskip("torch")
    from torch.utils.data import DataLoader, RandomSampler, SubsetRandomSampler

    class Counted(torch.utils.data.IterableDataset):
        def __iter__(self):
            return iter([(torch.zeros(2), 0)] * 7)

        def __len__(self):
            return 7

    class Endless(Counted):
        __len__ = None

    x, y = torch.rand(10, 2), torch.arange(10) % 2
    source = torch.utils.data.TensorDataset(x, y)
    some = SubsetRandomSampler([1, 2, 3, 4])
    cases = [
        (DataLoader(source, batch_size=3, shuffle=True), 10, True),
        (DataLoader(source, batch_size=3, sampler=some), 4, False),
        (DataLoader(source, batch_size=3, sampler=some, drop_last=True), 3, False),
        (DataLoader(source, batch_size=3, sampler=RandomSampler(source, num_samples=6)), 6, False),
        (DataLoader(source, batch_sampler=[[0, 1], [2]]), None, False),
        (DataLoader(Counted(), batch_size=2), 7, False),
        (Counted(), 7, False),
        (Endless(), None, False),
    ]
    for loader, size, again in cases:
        info = leadline.Dataset(loader).info()
        assert (info.size, info.random_access) == (size, again), loader
    seen = sum(len(batch) for batch in leadline.Dataset(cases[4][0]).open())
    assert seen == 3
    totals = set()
    report = leadline.evaluate(
        leadline.as_model(lambda v: v[:, 0] > 0.5, arrays="numpy", output="labels"),
        leadline.Dataset(cases[1][0]),
        suite=["accuracy"],
        progress=lambda stage, done, total, seconds: totals.add(total),
    )
    assert report["accuracy.accuracy"].n == 4 and report.fact("data.test.size") == "4"
    assert totals == {4}
