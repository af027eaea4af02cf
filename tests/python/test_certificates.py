"""Linear bounds, randomized smoothing and the export for other verifiers, as Python users call them."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import leadline
from leadline import _core
from leadline import robustness as rb
from leadline._load import torch_installed


def halfplane(x: np.ndarray) -> np.ndarray:
    return np.stack([x[:, 1], x[:, 0]], 1)


def test_smoothing_stays_below_the_true_radius_of_a_halfplane():
    smooth = rb.Smoothing(halfplane, sigma=0.5, arrays="numpy")
    x = np.array([[0.6, 0.0], [0.0, 0.9]], dtype=np.float32)
    found = smooth.certify(x, n=4000)
    assert list(found.label) == [1, 0]
    truth = np.array([0.6, 0.9]) / np.sqrt(2)
    assert (found.radius < truth).all() and (found.radius > 0.7 * truth).all()
    assert (found.agreed <= found.draws).all() and (found.draws == 4000).all()


def test_smoothing_needs_labels_only_and_keeps_its_votes():
    x = np.array([[0.3, 0.0]], dtype=np.float32)
    scores = rb.Smoothing(halfplane, sigma=0.5, arrays="numpy").certify(x, n=300)
    labels = rb.Smoothing(
        lambda x: halfplane(x).argmax(1), sigma=0.5, output="labels", arrays="numpy"
    ).certify(x, n=300, batch_size=31)
    assert scores.agreed[0] == labels.agreed[0]
    again = rb.Smoothing(halfplane, sigma=0.5, arrays="numpy").predict(x, n=200)
    assert again.label[0] == 1 and again.p_value[0] < 1e-3


def test_smoothing_says_up_front_what_it_can_never_do():
    smooth = rb.Smoothing(halfplane, sigma=0.5, arrays="numpy")
    x = np.zeros((1, 2), dtype=np.float32)
    with pytest.raises(leadline.ValueError, match="take at least n = 10"):
        smooth.certify(x, n=9)
    with pytest.raises(leadline.ValueError, match="take at least n = 11"):
        smooth.predict(x, n=10)
    with pytest.raises(leadline.ValueError, match="radii up to"):
        smooth.certify(x, n=100, early_stop=True, radii=3.0)
    with pytest.raises(leadline.CapabilityError, match="floats"):
        smooth.certify(np.zeros((1, 2), dtype=np.uint8))
    with pytest.raises(leadline.TypeError, match="did you mean 'sigma'"):
        rb.Smoothing(halfplane, sigm=0.5)


def test_the_smoothing_probe_reports_a_curve_of_lower_bounds():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2)).astype(np.float32)
    data = leadline.Dataset(x, (x[:, 0] > x[:, 1]).astype(int))
    probe = rb.RandomizedSmoothing(sigma=0.5, radii=[0.2, 0.4], n=1000)
    report = leadline.evaluate(halfplane, data, suite=probe, output="logits", progress=False)
    finding = report.finding("smoothing")
    curve = next(b for b in finding.blocks if type(b).__name__ == "Curve")
    y = np.asarray(curve.series[0].y)
    assert (np.diff(y) <= 1e-12).all()
    radius = np.asarray(report.samples["smoothing.radius"])
    truth = np.abs(x[:, 0] - x[:, 1]) / np.sqrt(2)
    assert (radius[np.argsort(report.samples["id"])] <= truth + 1e-6).mean() > 0.97
    assert report["smoothing.certified_accuracy{radius=0.4}"].value <= np.mean(truth >= 0.4)


def test_a_problem_in_vnnlib_comes_back():
    lower, upper = [0.1, -1e-300, 3.0], [0.30000000000000004, 0.0, 3.0]
    text = _core.to_vnnlib(lower, upper, 1, 3, comment="row 4")
    assert text.startswith("; row 4\n") and "(assert (<= X_0 0.30000000000000004))" in text
    assert _core.from_vnnlib(text) == (lower, upper, 1, 3)
    with pytest.raises(leadline.ValueError):
        _core.from_vnnlib(text + "(assert")


if torch_installed():
    import torch

    def net() -> torch.nn.Module:
        torch.manual_seed(3)
        return torch.nn.Sequential(
            torch.nn.Conv2d(1, 4, 3, stride=2, padding=1),
            torch.nn.BatchNorm2d(4),
            torch.nn.ReLU(),
            torch.nn.Dropout(0.5),
            torch.nn.Flatten(),
            torch.nn.Linear(64, 3),
        )

    def rows(n: int = 12) -> torch.Tensor:
        return torch.rand(n, 1, 8, 8, generator=torch.Generator().manual_seed(1))

    def test_certify_brackets_the_truth_as_in_the_documentation():
        model, x = net().eval(), rows(16)
        y = model(x).argmax(1)
        data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
        threat = rb.Threat(norm="linf", eps=[0.005, 0.05])
        found = rb.certify(model, data, method="crown", threat=threat, radius_steps=3)
        assert found.certified_accuracy.value <= found.attacked_accuracy.value
        assert found["certified_accuracy{norm=linf,eps=0.005}"].value > 0
        assert (found.radius <= found.attacked_at).all()
        assert all(c.result == "pass" for c in found.checks)
        bounds = rb.LinearBounds(model, x)
        margins = bounds.margins(x, y, 0.005, bounds=(0.0, 1.0))
        assert int((margins.amin(1) > 0).sum()) == round(
            16 * found["certified_accuracy{norm=linf,eps=0.005}"].value
        )

    def test_every_kind_of_model_has_the_same_bounds(tmp_path):
        model, x = net().eval(), rows()
        y = model(x).argmax(1)
        path = tmp_path / "net.pt"
        torch.jit.script(model).save(str(path))
        kinds = [model, torch.jit.script(model), str(path), lambda x: model(x)]
        margins = [rb.LinearBounds(m, x).margins(x, y, 0.02) for m in kinds]
        for other in margins[1:]:
            torch.testing.assert_close(other, margins[0], rtol=1e-9, atol=1e-9)
        as_numpy = rb.LinearBounds(model, x.numpy()).margins(x.numpy(), y.numpy(), 0.02)
        assert isinstance(as_numpy, np.ndarray) and as_numpy.dtype == np.float64

    nn = torch.nn

    @pytest.fixture
    def one_thread():
        """Small operators on a busy machine wait for each other's threads."""
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        yield
        torch.set_num_threads(before)

    class Joined(nn.Module):
        """cat, stack, a residual sum, a difference and a factor around one linear layer."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(6, 6)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            h = torch.relu(self.inner(x))
            both = torch.stack([h + x, (h - 0.5 * x) / 2], 1).flatten(1)
            return torch.cat([both.reshape(len(x), 12), -h], 1)

    # Shape of a row, layers before the last linear one.
    LAYERS: dict[str, tuple[tuple[int, ...], list[nn.Module]]] = {
        "Linear": ((6,), [nn.Linear(6, 5), nn.ReLU()]),
        "Conv1d": ((2, 9), [nn.Conv1d(2, 3, 3, stride=2, padding=1), nn.ReLU()]),
        "Conv2d, grouped, dilated": (
            (2, 6, 6),
            [nn.Conv2d(2, 4, 3, groups=2, dilation=2, padding="same"), nn.ReLU()],
        ),
        "Conv3d": ((1, 4, 4, 4), [nn.Conv3d(1, 2, 2), nn.ReLU()]),
        "ConvTranspose2d": (
            (2, 4, 4),
            [nn.ConvTranspose2d(2, 2, 3, stride=2, output_padding=1), nn.ReLU()],
        ),
        "BatchNorm1d": ((6,), [nn.Linear(6, 4), nn.BatchNorm1d(4), nn.ReLU()]),
        "BatchNorm2d": ((1, 6, 6), [nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU()]),
        "AvgPool2d": ((1, 6, 6), [nn.Conv2d(1, 2, 3), nn.ReLU(), nn.AvgPool2d(2)]),
        "AdaptiveAvgPool2d": ((1, 6, 6), [nn.Conv2d(1, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(2)]),
        "MaxPool2d": ((1, 6, 6), [nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.ReLU()]),
        "Upsample": ((1, 3, 3), [nn.Upsample(scale_factor=2), nn.Conv2d(1, 2, 3), nn.ReLU()]),
        "ZeroPad2d": ((1, 4, 4), [nn.ZeroPad2d(1), nn.Conv2d(1, 2, 3), nn.ReLU()]),
        "Dropout that is off": ((6,), [nn.Linear(6, 6), nn.Dropout(0.5), nn.ReLU()]),
        "Identity": ((6,), [nn.Identity(), nn.Linear(6, 6), nn.ReLU()]),
        "cat, stack, residual sum": ((6,), [Joined()]),
        **{
            type(act).__name__: ((6,), [nn.Linear(6, 8), act])
            for act in (
                nn.LeakyReLU(0.2),
                nn.ELU(),
                nn.Hardtanh(-0.3, 0.4),
                nn.ReLU6(),
                nn.Hardsigmoid(),
                nn.Sigmoid(),
                nn.Tanh(),
                nn.GELU(),
                nn.SiLU(),
                nn.Softplus(),
            )
        },
        "Softmax at the end": ((6,), [nn.Linear(6, 8), nn.ReLU()]),
    }

    @pytest.mark.parametrize("name", LAYERS)
    def test_bounds_hold_for_every_layer_that_the_page_names(name, one_thread):
        shape, layers = LAYERS[name]
        torch.manual_seed(5)
        draw = torch.Generator().manual_seed(6)
        body = nn.Sequential(*layers, nn.Flatten()).double()
        for layer in body.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        x = torch.rand(3, *shape, generator=draw).double()
        body(torch.rand(40, *shape, generator=draw).double())  # statistics of batch norm
        body.eval()
        model = nn.Sequential(body, nn.Linear(body(x).shape[1], 3).double())
        scores = model.eval()
        if name == "Softmax at the end":
            model = nn.Sequential(scores, nn.Softmax(1)).eval()
        y = scores(x).argmax(1)
        bounds = rb.LinearBounds(model, x)
        eps = 0.1
        for norm in ("linf", "l2"):
            step = torch.randn(400, *x.shape, generator=draw).double()
            size = step.flatten(2).norm(dim=2)[(...,) + (None,) * len(shape)]
            step = eps * (step.sign() if norm == "linf" else step / size)
            with torch.no_grad():
                out = scores((x + step).flatten(0, 1)).reshape(400, 3, 3)
            own = out.gather(2, y.expand(400, 3)[..., None])
            seen = (own - out.scatter(2, y.expand(400, 3)[..., None], -1e9).amax(2, True)).amin(0)
            before = torch.full((3,), -torch.inf, dtype=torch.float64)
            for method in ("ibp", "crown_ibp", "crown", "alpha_crown"):
                least = bounds.margins(x, y, eps, method=method, norm=norm, rounding=False).amin(1)
                assert (least <= seen[:, 0] + 1e-9).all(), method
                assert (least >= before - 1e-9).all(), method
                before = least
            assert (seen[:, 0] - before).min() < 2  # the bound is one, not minus infinity

    def test_slopes_are_learnt_from_coefficients_that_are_zero():
        # CROWN takes the slope 0 below a ReLU that is mostly off: the length of 0 has no gradient
        model = nn.Sequential(nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 2)).double()
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), (1.0, 0.0, 1.0, 0.0), strict=True):
                parameter.fill_(value)
            model[2].weight[1] = -1
        x, y = torch.tensor([[-0.05]]).double(), torch.tensor([0])
        got = rb.LinearBounds(model, x).margins(
            x, y, 0.15, method="alpha_crown", norm="l2", rounding=False
        )
        assert abs(float(got)) < 1e-9  # 2 relu is never below 0

    def test_learnt_inner_slopes_tighten_and_depend_on_no_other_row(one_thread):
        gains = []
        for seed in range(4):
            torch.manual_seed(seed)
            sizes = [(5, 16), (16, 16), (16, 16)]
            hidden = [m for i, o in sizes for m in (nn.Linear(i, o), nn.ReLU())]
            model = nn.Sequential(*hidden, nn.Linear(16, 3)).double()
            x = torch.rand(6, 5, generator=torch.Generator().manual_seed(seed)).double()
            y = model(x).argmax(1)
            bounds = rb.LinearBounds(model, x)
            how = {"bounds": (0.0, 1.0), "rounding": False}
            crown = bounds.margins(x, y, 0.4, **how)
            last = bounds.margins(x, y, 0.4, method="alpha_crown", alpha_inner=False, **how)
            inner = bounds.margins(x, y, 0.4, method="alpha_crown", **how)
            assert (last >= crown).all() and (inner >= crown).all()
            gains.append(((last - crown).mean(), (inner - crown).mean()))
            some = bounds.margins(x[2:4], y[2:4], 0.4, method="alpha_crown", **how)
            torch.testing.assert_close(some, inner[2:4], rtol=1e-9, atol=1e-9)
        by_last, by_inner = np.mean(gains, axis=0)
        assert by_inner > 1.3 * by_last > 0

    def test_an_operator_without_bounds_is_named_with_its_layer():
        bad = torch.nn.Sequential(
            torch.nn.Linear(4, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 2)
        )
        with pytest.raises(leadline.CapabilityError, match="aten::layer_norm' in layer '1'"):
            rb.LinearBounds(bad, torch.rand(2, 4))

        def leaves(x):
            return torch.from_numpy(x.detach().numpy() ** 2) @ torch.ones(4, 2)

        with pytest.raises(leadline.CapabilityError, match="leave torch"):
            rb.LinearBounds(leaves, torch.rand(2, 4))

    def test_certify_leaves_the_model_as_found():
        model, x = net().train(), rows()
        before = {k: v.clone() for k, v in model.state_dict().items()}
        data = leadline.Dataset(x, torch.zeros(len(x)).long(), bounds=(0.0, 1.0))
        rb.certify(model, data, eps=0.01, radius_steps=2)
        assert model.training and all(m.training for m in model)
        assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
        assert all(p.grad is None and p.requires_grad for p in model.parameters())

    def test_what_cannot_be_certified_is_refused():
        x = rows()
        with pytest.raises(leadline.CapabilityError, match="declared bounds"):
            rb.certify(net(), leadline.Dataset(x, torch.zeros(len(x)).long()))
        with pytest.raises(leadline.ValueError, match="untargeted"):
            rb.Certify(goal="targeted")
        with pytest.raises(leadline.ValueError, match="method"):
            rb.LinearBounds(net(), x).margins(x, torch.zeros(12).long(), 0.1, method="exact")

    def test_export_writes_questions_that_read_back(tmp_path):
        model, x = net().eval(), rows(3)
        y = model(x).argmax(1)
        files = rb.export_problem(
            model, x, y, tmp_path, eps=0.1, bounds=(0.0, 1.0), onnx=False, ids=[7, 8, 9]
        )
        assert [f.name for f in files] == ["7.vnnlib", "8.vnnlib", "9.vnnlib"]
        lower, upper, label, n_outputs = _core.from_vnnlib(files[1].read_text())
        row = x[1].double().flatten()
        assert torch.equal(torch.tensor(lower, dtype=torch.float64), (row - 0.1).clamp(min=0.0))
        assert torch.equal(torch.tensor(upper, dtype=torch.float64), (row + 0.1).clamp(max=1.0))
        assert (label, n_outputs) == (int(y[1]), 3)
        assert (tmp_path / "instances.csv").read_text().splitlines()[2] == "model.onnx,9.vnnlib,100"

    def test_export_without_onnx_says_what_to_install(tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "onnx", None)
        with pytest.raises(ImportError, match="pip install onnx"):
            rb.export_problem(net(), rows(1), [0], tmp_path, eps=0.1)
