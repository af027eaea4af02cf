"""Torch models through evaluate(), attacks and attributions as functions, model files."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest

import leadline

torch = pytest.importorskip("torch")
from leadline._load import torch_installed  # noqa: E402

if not torch_installed():
    pytest.skip("built without torch", allow_module_level=True)

NAMES = ["dark", "bright"]


def images(n: int = 160, seed: int = 0):
    """8x8 pictures that are dark or bright on the left."""
    g = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 2, (n,), generator=g)
    x = torch.rand(n, 1, 8, 8, generator=g) * 0.5
    x[:, :, :, :4] += 0.5 * y[:, None, None, None]
    return x, y


class Net(torch.nn.Module):
    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.first = torch.nn.ReLU(inplace=inplace)
        self.drop = torch.nn.Dropout(0.5)
        self.flat = torch.nn.Flatten()
        self.head = torch.nn.Linear(64, 2)
        with torch.no_grad():
            self.head.weight.zero_()
            self.head.weight[1].reshape(8, 8)[:, :4] = 1.0
            self.head.bias.copy_(torch.tensor([0.0, -16.0]))

    def forward(self, x):
        return self.head(self.flat(self.drop(self.first(x - 0.0 if not self.first.inplace else x))))


def test_the_usage_of_the_issue_works_as_written(tmp_path):
    x, y = images()
    net, names = Net(), NAMES
    data = leadline.Dataset(x, y, class_names=names, bounds=(0.0, 1.0))
    report = leadline.evaluate(net, data, suite="quick", seed=0, progress=False)
    acc = report["task.accuracy"]
    assert 0 < acc.lower <= acc.value <= acc.upper <= 1 and acc.n == 160
    report.save(tmp_path / "report.html")
    report.save(tmp_path / "report.json")
    assert leadline.Report.load(tmp_path / "report.json")["task.accuracy"] == acc
    adv = leadline.robustness.Pgd(norm="linf", eps=8 / 255, steps=40).perturb(
        net, x, y, bounds=(0.0, 1.0)
    )
    assert isinstance(adv, torch.Tensor) and adv.shape == x.shape
    assert (adv - x).abs().max() <= 8 / 255 + 1e-6 and adv.min() >= 0 and adv.max() <= 1


def test_numpy_in_numpy_out_and_the_attack_works():
    x, y = images()
    attack = leadline.robustness.Pgd(norm="linf", eps=0.5, steps=10)
    adv = attack.perturb(Net(), x.numpy(), y.numpy(), bounds=(0.0, 1.0))
    assert isinstance(adv, np.ndarray) and adv.dtype == np.float32
    net = Net().eval()
    assert (net(torch.tensor(adv)).argmax(1) == y).float().mean() < 0.2
    assert (net(x).argmax(1) == y).float().mean() > 0.9


def test_a_threat_is_given_whole_or_by_its_fields_never_both():
    Pgd, Threat = leadline.robustness.Pgd, leadline.robustness.Threat
    assert Pgd(threat=Threat(eps=[0.1])).get_options() == Pgd(eps=[0.1]).get_options()
    with pytest.raises(leadline.ValueError, match="not both"):
        Pgd(threat=Threat(), eps=[0.1])
    with pytest.raises(leadline.TypeError, match="Threat"):
        Pgd(threat="linf")
    with pytest.raises(leadline.Error, match="steps"):
        Pgd(steps=2.5)


def test_probes_of_one_question_are_told_apart_by_their_ids():
    x, y = images()
    data = leadline.Dataset(x, y, class_names=NAMES, bounds=(0.0, 1.0))
    noise = leadline.robustness.GaussianNoise
    suite = {"faint": noise(sigmas=[0.1]), "loud": noise(sigmas=[0.5]), "pgd": "pgd"}
    report = leadline.evaluate(Net(), data, suite=suite, progress=False)
    asked = [finding.question for finding in report.findings if finding.probe in suite]
    assert asked[0].endswith("? (faint)") and asked[1].endswith("? (loud)")
    assert asked[2].endswith("?")


class Coin(Net):
    """Turns four of ten answers around, whatever the input."""

    def forward(self, x):
        return super().forward(x) * torch.where(torch.rand(len(x), 1) < 0.4, -1.0, 1.0)


def test_a_model_that_draws_random_numbers_is_judged_over_many_runs():
    x, y = images(400)
    data = leadline.Dataset(x, y, class_names=NAMES, bounds=(0.0, 1.0))
    pgd = leadline.robustness.Pgd(eps=1e-5, steps=40, check_samples=16)
    torch.manual_seed(0)
    finding = pgd.evaluate(Coin(), data).finding
    key = "{norm=linf,eps=1e-05}"
    # forty questions at 0.4 each: every sample is misled once, and read correctly in six runs of ten
    assert finding[f"accuracy{key}"].value < 0.01
    share, expected = finding["repeated_success"], finding[f"expected_accuracy{key}"]
    assert share.lower < 0.4 < share.upper and share.n == 64
    assert expected.lower < 0.6 * 0.6 < expected.upper and expected.n == 400
    assert 0.04 < expected.upper - expected.lower < 0.15  # binomial, and what 64 samples leave open
    assert any(c.name == "decisions_repeat" and c.result == "fail" for c in finding.checks)
    steady = pgd.evaluate(Net(), data).finding
    assert all(e.name != f"expected_accuracy{key}" for e in steady.estimates)


def test_attributions_add_up():
    x, y = images(8)
    found = leadline.attribution.IntegratedGradients(steps=20).attribute(Net(), x, y).values
    net, rows = Net().eval(), torch.arange(8)
    rise = net(x)[rows, y] - net(torch.zeros_like(x))[rows, y]
    assert found.shape == x.shape and torch.allclose(found.sum((1, 2, 3)), rise, atol=1e-3)
    plain = leadline.attribution.Saliency().attribute(Net(), x.numpy(), y.numpy())
    assert isinstance(plain.values, np.ndarray)


def test_the_model_and_the_data_are_left_as_found():
    x, y = images()
    before = x.clone()
    net = Net(inplace=True).train()
    net.head.weight.requires_grad_(False)
    state = torch.get_rng_state()
    data = leadline.Dataset(x - 0.25, y, class_names=NAMES, bounds=(-1.0, 1.0))
    kept = data.batch(np.arange(160)).x.copy()
    leadline.evaluate(net, data, suite=["task"], progress=False, batch_size=160)
    assert net.training and not net.head.weight.requires_grad and net.head.weight.grad is None
    assert torch.equal(torch.get_rng_state(), state) and torch.equal(x, before)
    assert np.array_equal(data.batch(np.arange(160)).x, kept) and kept.min() < 0
    assert not net._forward_hooks and not net.first._forward_hooks


def test_script_files_are_models_and_damaged_ones_are_errors(tmp_path):
    x, y = images()
    path = tmp_path / "net.pt"
    torch.jit.script(Net().eval()).save(str(path))
    whole = leadline.evaluate(path, (x, y), suite=["accuracy"], progress=False)
    direct = leadline.evaluate(Net(), (x, y), suite=["accuracy"], progress=False)
    assert whole["accuracy.accuracy"] == direct["accuracy.accuracy"]
    (tmp_path / "cut.pt").write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(leadline.StoreError, match="cut.pt"):
        leadline.as_model(tmp_path / "cut.pt")
    with pytest.raises(leadline.StoreError, match="none.pt"):
        leadline.as_model(tmp_path / "none.pt")


class Evil:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_a_pickle_is_refused_and_never_executed(tmp_path):
    trap = tmp_path / "executed"
    (tmp_path / "evil.pt").write_bytes(pickle.dumps(Evil(str(trap))))
    torch.save(Evil(str(trap)), tmp_path / "evil_zip.pt")
    for name in ("evil.pt", "evil_zip.pt"):
        with pytest.raises(leadline.StoreError):
            leadline.as_model(tmp_path / name)
    assert not trap.exists()


class Misbehaves(Net):
    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def forward(self, x):
        out = super().forward(x)
        if self.how == "raise":
            raise RuntimeError("planted")
        if self.how == "nan":
            return out * float("nan")
        if self.how == "text":
            return "cat"
        if self.how == "mode":
            self.train()
        if self.how == "classes":
            return out[:, :1].repeat(1, 5)
        return out


@pytest.mark.parametrize(
    ("how", "pattern"),
    [("raise", "planted"), ("nan", "finite|nan"), ("text", "str|tensor")],
)
def test_a_module_that_misbehaves_is_named(how, pattern):
    x, y = images()
    try:
        report = leadline.evaluate(Misbehaves(how), (x, y), suite=["task"], progress=False)
        text = " ".join(f.why for f in report.findings if f.status == "failed")
    except leadline.Error as error:
        text = str(error)
    import re

    assert re.search(pattern, text, re.I), text


def test_a_module_that_changes_its_mode_is_put_back_and_more_columns_than_classes_are_no_crash():
    x, y = images()
    net = Misbehaves("mode").eval()
    leadline.evaluate(net, (x, y), suite=["task"], progress=False)
    assert not net.training
    report = leadline.evaluate(Misbehaves("classes"), (x, y), suite=["task"], progress=False)
    assert report.findings


def test_a_callable_gets_the_kind_of_array_that_the_data_came_in():
    x, y = images()
    kinds = set()

    def box(batch):
        kinds.add(type(batch).__name__)
        return torch.as_tensor(np.asarray(batch))[:, 0, :, :4].mean((1, 2))[:, None] * torch.tensor(
            [[-1.0, 1.0]]
        ) + torch.tensor([[0.5, -0.5]])

    for inputs in (x, x.numpy()):
        leadline.evaluate(box, (inputs, y), suite=["accuracy"], output="logits", progress=False)
    assert kinds == {"Tensor", "ndarray"}


def test_decisions_that_torch_gives_have_no_gradients_to_attack():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3))
    x, y = torch.rand(40, 1, 8, 8), torch.randint(0, 3, (40,))
    rb = leadline.robustness
    report = leadline.evaluate(
        lambda x: net(x).argmax(1),
        leadline.Dataset(x, y, bounds=(0, 1)),
        suite=[rb.Pgd(), rb.Fab(), leadline.attribution.IntegratedGradients(), rb.GaussianNoise()],
        progress=False,
    )
    told = {f.probe: (f.status, f.why) for f in report.findings}
    for probe in ("pgd", "fab", "integrated_gradients"):
        assert told[probe][0] == "not_measured" and "offers labels only" in told[probe][1], told
    assert told["gaussian_noise"][0] == "ok"
    with pytest.raises(leadline.TypeError, match="floating scores a class.*HopSkipJump"):
        rb.Pgd().perturb(lambda x: net(x).argmax(1), x, y, bounds=(0, 1))


def test_targets_of_several_columns_are_named_by_the_attacks():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3))
    x, y = torch.rand(40, 1, 8, 8), torch.randint(0, 3, (40,))
    for target in (torch.nn.functional.one_hot(y, 3), y.reshape(-1, 1)):
        data = leadline.Dataset(x, target, bounds=(0, 1))
        suite = ["pgd", "fgsm", "task"]
        report = leadline.evaluate(net, data, suite=suite, output="logits", progress=False)
        for name in suite:
            assert "y.argmax(1)" in report.finding(name).why + str(report.finding(name).remedies)
