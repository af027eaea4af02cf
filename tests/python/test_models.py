"""Models on torch: every backend, left as found, errors that say what to do."""

import collections
import dataclasses
import os
import pickle
import subprocess
import sys
import textwrap
import threading

import pytest
import torch
from torch import nn

from leadline import _core, _torch

as_model = _torch.as_model


class Net(nn.Module):
    """Batch norm, dropout and a shared activation: mode, buffers and random state all matter."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.act = nn.ReLU()
        self.drop = nn.Dropout(0.5)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(4 * 64, 3))

    def forward(self, x):
        return self.head(self.drop(self.act(self.norm(self.conv(x)))))


@pytest.fixture
def net():
    torch.manual_seed(3)
    return Net()


@pytest.fixture
def x():
    return torch.linspace(-1, 1, 5 * 64).view(5, 1, 8, 8)


def snapshot(net):
    return (
        [m.training for m in net.modules()],
        [(p.requires_grad, p.grad is None) for p in net.parameters()],
        [t.clone() for t in net.state_dict().values()],
        [id(b) for m in net.modules() for b in m._buffers.values()],
        sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in net.modules()),
        torch.get_rng_state(),
    )


def same(a, b):
    tensors = all(torch.equal(s, t) for s, t in zip(a[2], b[2], strict=True))
    return (
        a[0] == b[0] and a[1] == b[1] and tensors and a[3:5] == b[3:5] and torch.equal(a[5], b[5])
    )


def test_every_backend_gives_the_same_logits(net, x, tmp_path):
    net.eval()
    expected = net(x)
    torch.jit.script(net).save(str(tmp_path / "scripted.pt"))
    torch.jit.trace(net, x).save(str(tmp_path / "traced.pt"))
    kept = {
        "torch.nn.Module": as_model(net),
        "torch callable": as_model(lambda v: net(v)),
        "TorchScript": as_model(tmp_path / "scripted.pt"),
    }
    for backend, model in kept.items():
        assert model.info().backend == backend
        assert torch.allclose(model.call(x)["output"], expected, atol=1e-6)
    assert torch.allclose(
        as_model(str(tmp_path / "traced.pt")).call(x)["output"], expected, atol=1e-6
    )
    assert torch.allclose(as_model(torch.jit.script(net)).call(x)["output"], expected, atol=1e-6)
    assert kept["TorchScript"].info().name == "scripted"
    assert kept["torch.nn.Module"].info().name == "Net"
    assert as_model(kept["TorchScript"]) is kept["TorchScript"]


def test_the_tensor_reaches_the_module_without_a_copy(x):
    seen = []
    model = as_model(lambda v: seen.append((v.data_ptr(), v.requires_grad)) or v.flatten(1))
    model.call(x)
    leaf = x.clone().requires_grad_()
    model.call(leaf, graph=True)
    assert seen == [(x.data_ptr(), False), (leaf.data_ptr(), True)]
    assert _torch.to_torch(_torch.from_torch(x)) is x


def test_the_graph_is_kept_and_differentiates(net, x):
    model = as_model(net)
    leaf = x.clone().requires_grad_()
    with model.hold():
        out = model.call(leaf, graph=True)["output"]
        (mine,) = torch.autograd.grad(out[:, 1].sum(), leaf)
    net.eval()
    (theirs,) = torch.autograd.grad(net(leaf)[:, 1].sum(), leaf)
    assert torch.equal(mine, theirs)
    assert not model.call(leaf)["output"].requires_grad
    assert all(p.grad is None for p in net.parameters())


def test_autograd_runs_without_the_gil_through_python_functions():
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, v):
            ctx.save_for_backward(v)
            return v * v

        @staticmethod
        def backward(ctx, d):
            # Another Python thread must be able to run while the engine waits for this one.
            ran = threading.Event()
            threading.Thread(target=ran.set).start()
            assert ran.wait(5)
            (v,) = ctx.saved_tensors
            return 2 * v * d

    model = as_model(Square.apply, name="square")
    inputs = _core.Inputs(torch.tensor([[1.0, -3.0]]))
    outputs, vjp = model.pullback(inputs)
    assert _torch.to_torch(outputs.output).tolist() == [[1.0, 9.0]]
    for _ in range(2):
        d = _torch.to_torch(vjp(_torch.from_torch(torch.ones(1, 2))))
        assert d.tolist() == [[2.0, -6.0]]


@pytest.mark.parametrize("mode", ["eval", "as_is"])
def test_a_module_is_left_as_found(net, x, mode):
    net.train()
    net.norm.eval()
    net.conv.weight.requires_grad_(False)
    before = snapshot(net)
    model = as_model(net, mode=mode)
    with model.hold():
        assert net.training == (mode == "as_is")
        model.call(x, taps=["act"])
        model.call(x.clone().requires_grad_(), graph=True)
    assert same(snapshot(net), before)


def test_running_statistics_are_put_back_in_as_is_mode(net, x):
    before = snapshot(net)
    model = as_model(net, mode="as_is")
    with model.hold():
        a, b = (model.call(x + 3)["output"] for _ in range(2))
        assert not torch.equal(a, b)
        assert net.norm.running_mean.abs().max() > 0.01
    assert same(snapshot(net), before)


@pytest.mark.parametrize("layer", ["conv", "norm", "act", "drop", "head.1"])
def test_a_module_is_left_as_found_when_a_layer_raises(net, x, layer):
    part = net.get_submodule(layer)
    old = part.forward

    def fail(*args):
        torch.rand(3)
        net.train()
        raise RuntimeError("planted")

    before = snapshot(net)
    part.forward = fail
    model = as_model(net)
    with pytest.raises(_core.Error, match="planted"), model.hold():
        model.call(x, taps=["conv", "head"])
    part.forward = old
    assert same(snapshot(net), before)
    assert "changed its own mode" in model.notes()[0]


def test_a_replaced_buffer_comes_back(x):
    class Replaces(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("seen", torch.zeros(1))

        def forward(self, v):
            self.seen = self.seen + 1
            return v.flatten(1)

    net = Replaces()
    mine = net.seen
    as_model(net).call(x)
    assert net.seen is mine


def test_a_train_that_does_more_than_set_a_flag_is_called_back(x):
    class Merges(nn.Module):
        def __init__(self):
            super().__init__()
            self.merged = False

        def train(self, mode=True):
            self.merged = not mode
            return super().train(mode)

        def forward(self, v):
            assert self.merged
            return v.flatten(1)

    net = Merges()
    as_model(net).call(x)
    assert net.training and not net.merged


def test_a_bound_method_guards_its_module(net, x):
    model = as_model(net.forward)
    with model.hold():
        assert not net.training
        model.call(x)
    assert net.training


def test_taps_record_layers_and_shared_layers_keep_the_last(net, x):
    net.eval()
    model = as_model(net)
    got = model.call(x, taps=["conv", "head.1"])["activations"]
    assert torch.equal(got["conv"], net.conv(x))
    assert got["head.1"].shape == (5, 3)
    assert "head.1" in model.info().layers
    with pytest.raises(_core.CapabilityError, match="conv, norm"):
        model.call(x, taps=["convolution"])
    with pytest.raises(_core.CapabilityError, match="pass the module itself"):
        as_model(lambda v: net(v)).call(x, taps=["conv"])
    net.unused = nn.Linear(2, 2)
    with pytest.raises(_core.CapabilityError, match="'unused' to run"):
        as_model(net).call(x, taps=["unused"])


Pair = collections.namedtuple("Pair", ["hidden", "scores"])


@dataclasses.dataclass
class Answer:
    hidden: torch.Tensor
    logits: torch.Tensor
    loss: object = None


class Ordered(collections.OrderedDict):
    """As the outputs of Hugging Face models: a dict with attributes."""


@pytest.mark.parametrize(
    "make, main, rest",
    [
        (lambda h, y: {"hidden": h, "logits": y}, 1, ["hidden"]),
        (lambda h, y: Ordered(hidden=h, logits=y, loss=None), 1, ["hidden"]),
        (lambda h, y: Pair(h, y), 1, ["hidden"]),
        (lambda h, y: (y, h), 1, ["1"]),
        (lambda h, y: [y, h, "text"], 1, ["1"]),
        (lambda h, y: Answer(h, y), 1, ["hidden"]),
        (lambda h, y: {"a": h, "b": y}, 0, ["b"]),
    ],
)
def test_structured_outputs_have_a_primary_and_extras(make, main, rest):
    v = torch.ones(4, 2)
    model = as_model(lambda t: make(t * 10, t + 1), name="structured")
    got = model.call(v)
    assert torch.equal(got["output"], v + 1 if main else v * 10)
    assert sorted(got["extras"]) == rest
    chosen = as_model(lambda t: {"a": t, "b": t + 1}, primary="b").call(v)
    assert torch.equal(chosen["output"], v + 1)
    with pytest.raises(_core.ValueError, match="a, b"):
        as_model(lambda t: {"a": t, "b": t}, primary="c").call(v)


def test_several_inputs_go_by_keyword_or_position():
    v, mask = torch.ones(2, 3), torch.tensor([[1.0, 0, 1]] * 2)
    assert as_model(lambda x, *, mask: x * mask).call(v, extras={"mask": mask})["output"].sum() == 4
    by_position = as_model(lambda x, m: x * m, extras="positions")
    assert by_position.call(v, extras={"mask": mask})["output"].sum() == 4
    inputs = _core.Inputs(v, {"mask": mask})
    assert _torch.to_torch(as_model(lambda x, mask: x * mask).forward(inputs).output).sum() == 4


@pytest.mark.parametrize(
    "wrong, text", [(3, "int 3"), ("x", "str"), (None, "None"), ({}, "dict of 0")]
)
def test_another_type_is_refused(x, wrong, text):
    with pytest.raises(_core.TypeError, match=text) as caught:
        as_model(lambda v: wrong, name="odd").call(x)
    assert caught.value.where == "odd.forward"
    assert "FunctionModel" in caught.value.remedy


def test_an_exception_keeps_its_cause_and_says_where(x):
    def broken(v):
        raise KeyError("label")

    with pytest.raises(_core.Error) as caught:
        as_model(broken).call(x)
    assert caught.value.where == "broken.forward"
    assert "[5, 1, 8, 8]" in caught.value.expected
    assert "KeyError: 'label' at test_models.py:" in caught.value.got
    assert isinstance(caught.value.__cause__, KeyError)


def test_ctrl_c_in_a_forward_cancels(x):
    def stop(v):
        raise KeyboardInterrupt

    with pytest.raises(_core.Cancelled):
        as_model(stop).call(x)


def test_a_model_that_changes_its_mode_is_put_back_and_reported(net, x):
    class Switches(Net):
        def forward(self, v):
            self.train()
            return super().forward(v)

    model = as_model(Switches())
    with model.hold():
        model.call(x)
        model.call(x)
        assert len(model.notes()) == 1 and "changed its own mode" in model.notes()[0]


def test_an_in_place_first_layer_does_not_overwrite_data():
    net = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(3, 2))
    mine = torch.tensor([[-1.0, 2.0, -3.0]])
    kept = mine.clone()
    model = as_model(net)
    model.forward(_core.Inputs(mine))
    outputs, vjp = model.pullback(_core.Inputs(mine))
    vjp(_torch.from_torch(torch.ones(1, 2)))
    leaf = mine.clone().requires_grad_()
    model.call(leaf, graph=True)["output"].sum().backward()
    assert torch.equal(mine, kept) and torch.equal(leaf.detach(), kept)


def test_floating_inputs_are_widened_and_never_narrowed():
    model = as_model(nn.Linear(3, 2).double())
    assert model.forward(_core.Inputs(torch.ones(1, 3))).output.dtype == "float64"
    with pytest.raises(_core.TypeError, match="convert the data"):
        as_model(nn.Linear(3, 2)).forward(_core.Inputs(torch.ones(1, 3, dtype=torch.float64)))
    ids = as_model(nn.Sequential(nn.Embedding(5, 4), nn.Flatten()))
    assert ids.forward(_core.Inputs(torch.ones(2, 3, dtype=torch.int64))).output.shape == (2, 12)


def test_the_digest_follows_the_weights(net):
    model = as_model(net)
    first = model.info().digest
    assert first.startswith("xxh3:") and model.info().digest == first
    with torch.no_grad():
        net.norm.running_mean.add_(1)
    assert model.info().digest != first
    assert _torch.to_torch(model.weight("conv.weight")).data_ptr() == net.conv.weight.data_ptr()
    assert set(model.parameters()) == {n for n, _ in net.named_parameters()}


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_pickles_are_refused_and_never_executed(net, tmp_path):
    marker = tmp_path / "executed"
    torch.save(net.state_dict(), tmp_path / "weights.pt")
    torch.save(Payload(str(marker)), tmp_path / "evil.pt")
    torch.save(Payload(str(marker)), tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Payload(str(marker))))
    for name in ("weights", "evil", "old", "plain"):
        with pytest.raises(_core.StoreError, match="not executed|not be executed") as caught:
            as_model(tmp_path / f"{name}.pt")
        assert "pass the module" in caught.value.remedy
    assert not marker.exists()


def test_what_is_no_model_is_named():
    for wrong in (3, None, [1]):
        with pytest.raises(_core.TypeError, match="nn.Module, a callable"):
            as_model(wrong)
    with pytest.raises(_core.TypeError, match="make an object"):
        as_model(Net)
    for option, value in {"mode": "train", "output": "logit", "extras": "names"}.items():
        with pytest.raises(_core.ValueError, match=value):
            as_model(Net(), **{option: value})


def test_threads_share_a_model(net, x):
    net.eval()
    expected, model, wrong = net(x), as_model(net), []

    def work():
        for _ in range(20):
            if not torch.equal(model.call(x)["output"], expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not wrong and not any(t.is_alive() for t in threads)


def test_locks_are_not_waited_for_with_the_gil():
    """One thread drops pullbacks under the GIL while another takes and leaves the model."""
    code = """
        import sys, threading
        sys.setswitchinterval(1e-6)
        import torch
        from leadline import _core, _torch
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = torch.nn.Linear(3, 2)
                self.register_buffer("seen", torch.zeros(1))
            def forward(self, x):
                return self.linear(x)
        model, inputs = _torch.as_model(Net()), _core.Inputs(torch.ones(2, 3))
        def pull():
            for _ in range(100):
                _, vjp = model.pullback(inputs)
                del vjp
        def hold():
            for _ in range(100):
                held = model.hold()
                held.__enter__()
                model.forward(inputs)
                model.info()
                model.notes()
                del held
        threads = [threading.Thread(target=body) for body in (pull, hold, pull, hold)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print("through", model.info().backend)
    """
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert child.stdout.strip() == "through torch.nn.Module", child.stderr


def test_constants_reach_every_call(x):
    model = as_model(lambda v, *, scale: v.flatten(1) * scale, constants={"scale": 3.0})
    assert torch.equal(model.call(x)["output"], 3 * x.flatten(1))
    with pytest.raises(_core.TypeError, match="constants of a script"):
        as_model(torch.jit.script(Net()), constants={"scale": [1]})


class Recurrent(nn.Module):
    """Adds up what it has seen."""

    def __init__(self):
        super().__init__()
        self.state = torch.zeros(1)
        self.calls = 0

    def forward(self, v, rate: int):
        self.state = self.state + v.mean() * rate
        self.calls += 1
        return v.flatten(1) + self.state


@pytest.mark.parametrize("saved", [False, True])
def test_a_script_with_a_state_begins_every_forward_as_it_was_found(x, tmp_path, saved):
    script = torch.jit.script(Recurrent())
    given = script
    if saved:
        given = tmp_path / "vad.pt"
        script.save(str(given))
    model = as_model(given, constants={"rate": 2})
    assert model.info().backend == "TorchScript"
    expected = x.flatten(1) + 2 * x.mean()
    with model.hold():
        for _ in range(2):
            assert torch.allclose(model.call(x)["output"], expected)
    assert script.calls == 0 and script.state.item() == 0
    assert "keeps a state between calls (state, calls)" in model.notes()[0]
    running = as_model(given, mode="as_is", constants={"rate": 2})
    with running.hold():
        first, second = (running.call(x + 1)["output"] for _ in range(2))
    assert not torch.allclose(first, second) and script.calls == 0
    with pytest.raises(_core.TypeError, match=r"'rate' \(int\).*constants=\{'rate'"):
        as_model(given).call(x)


def test_a_state_of_a_python_module_is_put_back(x):
    class Lazy(Recurrent):
        def __init__(self):
            super().__init__()
            self.cache = None

        def forward(self, v):
            self.cache = v.clone()
            self.state += 1
            return super().forward(v, 1)

    net = Lazy()
    state = net.state
    with as_model(net).hold():
        as_model(net).call(x)
    model = as_model(net)
    with model.hold():
        model.call(x)
    assert net.state is state and state.item() == 0 and net.cache is None


@pytest.mark.full
def test_an_aot_package_gives_the_same_outputs_and_no_gradients(net, x, tmp_path):
    net.eval()
    batch = torch.export.Dim("batch", min=1, max=64)
    exported = torch.export.export(net, (x,), dynamic_shapes=({0: batch},))
    path = tmp_path / "net.pt2"
    torch._inductor.aoti_compile_and_package(exported, package_path=str(path))
    model = as_model(path)
    assert model.info().backend == "AOTInductor"
    assert torch.allclose(model.call(x)["output"], net(x), atol=1e-5)
    assert torch.allclose(model.call(x[:2])["output"], net(x[:2]), atol=1e-5)
    with pytest.raises(_core.CapabilityError, match="outputs only"):
        model.call(x.requires_grad_(), graph=True)
    with pytest.raises(_core.StoreError, match="AOTInductor"):
        os.rename(path, tmp_path / "net.pt")
        as_model(tmp_path / "net.pt")


@pytest.mark.full
def test_an_aot_package_takes_keywords_in_the_order_it_declares(tmp_path):
    class Affine(nn.Module):
        def forward(self, x, *, scale, bias):
            return x * scale + bias

    v = torch.ones(2, 3)
    # Exported as (scale, bias): the order of the names would swap them.
    exported = torch.export.export(Affine(), (v,), {"scale": 2 * v, "bias": 5 * v})
    path = tmp_path / "affine.pt2"
    torch._inductor.aoti_compile_and_package(exported, package_path=str(path))
    model = as_model(path)
    got = model.call(v, extras={"bias": 5 * v, "scale": 2 * v})["output"]
    assert torch.equal(got, torch.full((2, 3), 7.0))
    with pytest.raises(_core.ValueError, match="an input 'scale', which the package declares"):
        model.call(v, extras={"bias": v})
    with pytest.raises(_core.ValueError, match="1 inputs by position, got 2"):
        model.call(v, extras={"bias": v, "scale": v, "mask": v})


def test_a_model_meant_to_be_random_is_not_accused_of_it(net):
    import leadline

    x, y = torch.rand(40, 1, 8, 8), torch.randint(0, 3, (40,))
    model = leadline.as_model(net, mode="as_is")
    assert model.info().stochastic and not leadline.as_model(net).info().stochastic
    attach = leadline.evaluate(model, (x, y), suite=["attach"], progress=False).finding("attach")
    results = {check.name: check.result for check in attach.checks}
    assert results["deterministic"] == results["rows_independent"] == "not_run"

    bare = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    model = leadline.as_model(bare.train(), mode="as_is")
    attach = leadline.evaluate(model, (x, y), suite=["attach"], progress=False).finding("attach")
    found = next(check for check in attach.checks if check.name == "rows_independent")
    assert attach.status == "ok" and found.result == "fail" and "more than 1 value" in found.why
