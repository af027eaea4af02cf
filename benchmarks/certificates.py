"""Randomized smoothing against its own forwards, linear bounds against auto_LiRPA, one thread, one process.

`python benchmarks/certificates.py [--draws 100000] [--repeats 5] [--only smoothing|bounds|export]`. The floor of a
certificate is the forwards of as many rows of ready-made noise, in batches of the same size; each is timed next to the
other, in turn, and the ratio of processor times is reported. auto_LiRPA 0.3 (2022, the only release) names what torch
2.13 and numpy 2 have moved; `peer` gives it the new places. Its alpha-CROWN takes 20 steps at the same rate. The export
is read by onnxruntime and by the package vnnlib 0.0.1, where they are installed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

import leadline
from leadline import robustness as rb


def small_cnn() -> nn.Module:
    """Three convolutions and a linear layer on 28 x 28 images: as in benchmarks/robustness.py."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(64 * 7 * 7, 10),
    )


class Residual(nn.Module):
    """Two convolutions around which the input is carried."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(n, n, 3, padding=1),
            nn.BatchNorm2d(n),
            nn.ReLU(),
            nn.Conv2d(n, n, 3, padding=1),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.body(x))


def small_resnet() -> nn.Module:
    """Three residual blocks on 32 x 32 colour images, about 14 million multiply-adds."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        Residual(16),
        nn.AvgPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        Residual(32),
        nn.AvgPool2d(2),
        Residual(32),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(32, 10),
    )


def seconds(run: Callable[[], object]) -> float:
    begin = time.process_time()
    run()
    return time.process_time() - begin


def smoothing_row(name: str, net: nn.Module, x: torch.Tensor, draws: int, repeats: int) -> None:
    """Processor time of a certificate over that of its forwards."""
    batch = 256
    smooth = rb.Smoothing(net, sigma=0.25)
    noisy = x + 0.25 * torch.randn(batch, *x.shape[1:])

    @torch.no_grad()
    def floor() -> None:
        for first in range(0, draws + 100, batch):
            net(noisy[: min(batch, draws + 100 - first)])

    def run() -> None:
        smooth.certify(x, n=draws, batch_size=batch)

    run()
    ratios = []
    for _ in range(repeats):
        before, took, after = seconds(floor), seconds(run), seconds(floor)
        ratios.append(2 * took / (before + after))
    print(
        f"  {name:22} {statistics.median(ratios):5.3f} x the forwards "
        f"({min(ratios):.3f} to {max(ratios):.3f})"
    )


def stop_row(net: nn.Module, x: torch.Tensor, draws: int) -> None:
    """Draws that an early stop spends where the radius of interest is decided early."""
    smooth = rb.Smoothing(net, sigma=0.25)
    fixed = smooth.certify(x, n=draws)
    early = smooth.certify(x, n=draws, early_stop=True, radii=[0.25])
    same = ((fixed.radius >= 0.25) == (early.radius >= 0.25)).sum()
    print(
        f"  early stop at radius 0.25: {early.draws.mean():.0f} of {draws} draws a sample, "
        f"{same} of {len(x)} decided as with all"
    )


def peer() -> Any | None:
    """auto_LiRPA, or None where it is not installed."""
    import importlib
    import importlib.util
    import sys
    import types

    import numpy as np

    if importlib.util.find_spec("auto_LiRPA") is None:
        return None
    moved = types.ModuleType("numpy.lib.arraysetops")
    moved.isin = np.isin
    sys.modules["numpy.lib.arraysetops"] = moved
    tools = importlib.import_module("torch.onnx._internal.torchscript_exporter.utils")
    world = importlib.import_module("torch.onnx._internal.torchscript_exporter._globals").GLOBALS
    importlib.import_module("torch.onnx.utils")._optimize_graph = tools._optimize_graph
    importlib.import_module("torch.onnx.symbolic_helper")._set_opset_version = lambda v: setattr(
        world, "_export_onnx_opset_version", v
    )
    torch._C.Node.__getitem__ = lambda node, key: getattr(node, node.kindOf(key))(key)
    return importlib.import_module("auto_LiRPA")


def mlp(n_in: int, width: int, depth: int, classes: int) -> nn.Module:
    layers: list[nn.Module] = []
    for size in [n_in] + [width] * (depth - 1):
        layers += [nn.Linear(size, width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, classes))


def tiny_cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(4, 8, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8 * 4 * 4, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )


def trained(net: nn.Module, shape: tuple[int, ...], classes: int, seed: int) -> Any:
    """The net after 150 steps on noisy copies of a prototype a class, and 8 rows with their answers."""
    net = net.double()
    draw = torch.Generator().manual_seed(seed)
    prototypes = torch.rand(classes, *shape, generator=draw).double()

    def rows(y: torch.Tensor) -> torch.Tensor:
        return (prototypes[y] + 0.15 * torch.randn(len(y), *shape, generator=draw)).clamp(0, 1)

    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    for _ in range(150):
        y = torch.randint(0, classes, (128,), generator=draw)
        loss = nn.functional.cross_entropy(net(rows(y)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for parameter in net.parameters():
        parameter.requires_grad_(False)
    x = rows(torch.arange(8) % classes)
    return net, x, net(x).argmax(1)


def margins_of(y: torch.Tensor, classes: int) -> torch.Tensor:
    """The label's score minus each other one, as rows [n, classes - 1, classes]."""
    eye = torch.eye(classes, dtype=torch.float64)
    return torch.stack([eye[t] - eye[[k for k in range(classes) if k != t]] for t in y.tolist()])


def theirs(
    lirpa: Any, net: nn.Module, x: torch.Tensor, y: torch.Tensor, eps: float, how: str
) -> Any:
    from auto_LiRPA.perturbations import PerturbationLpNorm

    steps = {"optimize_bound_args": {"iteration": 20, "lr_alpha": 0.5}}
    bounded = lirpa.BoundedModule(net, x, device="cpu", bound_opts=steps)
    ball = lirpa.BoundedTensor(x, PerturbationLpNorm(norm=float("inf"), eps=eps))
    begin = time.process_time()
    classes = net(x[:1]).shape[1]
    lower = bounded.compute_bounds(
        x=(ball,), C=margins_of(y, classes), method=how, bound_upper=False
    )
    return lower[0].detach(), time.process_time() - begin


def bounds_rows(seeds: int) -> None:
    lirpa = peer()
    torch.set_default_dtype(torch.float64)  # auto_LiRPA keeps its best bounds in the default one
    for name, make, shape, classes, eps in (
        ("MLP 20, 3 x 50", lambda: mlp(20, 50, 3, 5), (20,), 5, 0.15),
        ("MLP 20, 5 x 50", lambda: mlp(20, 50, 5, 5), (20,), 5, 0.1),
        ("MLP 64, 3 x 100", lambda: mlp(64, 100, 3, 10), (64,), 10, 0.08),
        ("CNN 16 x 16", tiny_cnn, (1, 16, 16), 10, 0.1),
    ):
        found: dict[str, list[tuple[float, float]]] = {}
        for seed in range(seeds):
            torch.manual_seed(seed)
            net, x, y = trained(make(), shape, classes, seed)
            bounds = rb.LinearBounds(net, x)
            for method in ("ibp", "crown_ibp", "crown", "last slopes", "alpha_crown"):
                begin = time.process_time()
                lower = bounds.margins(
                    x,
                    y,
                    eps,
                    method="alpha_crown" if method == "last slopes" else method,
                    alpha_inner=method == "alpha_crown",
                    rounding=False,
                )
                took = time.process_time() - begin
                found.setdefault(method, []).append((float(lower.amin(1).mean()), took))
            for how in ("CROWN", "CROWN-Optimized") if lirpa else ():
                lower, took = theirs(lirpa, net, x, y, eps, how)
                found.setdefault(f"auto_LiRPA {how}", []).append(
                    (float(lower.amin(1).mean()), took)
                )
        print(f"{name}, linf {eps}, {seeds} nets of 8 rows: least margin proven, ms a row")
        for method, values in found.items():
            margin, took = (statistics.mean(v[i] for v in values) for i in (0, 1))
            print(f"  {method:28} {margin:10.4f} {1e3 * took / 8:10.1f}", flush=True)
    torch.set_default_dtype(torch.float32)


def export_rows() -> None:
    """Whether other packages read the exported problem as it was meant."""
    import tempfile
    import warnings

    import numpy as np

    warnings.simplefilter("ignore")
    net, x, y = trained(tiny_cnn(), (1, 16, 16), 10, 0)
    net, x = net.float(), x.float()
    folder = Path(tempfile.mkdtemp())
    try:
        files = rb.export_problem(net, x, y, folder, eps=0.03, bounds=(0.0, 1.0))
        import onnxruntime

        session = onnxruntime.InferenceSession(str(folder / "model.onnx"))
        name = session.get_inputs()[0].name
        got = np.concatenate([session.run(None, {name: row[None].numpy()})[0] for row in x])
        print(
            f"  onnxruntime {onnxruntime.__version__}: logits differ by at most "
            f"{np.abs(got - net(x).numpy()).max():.1e}"
        )
    except ImportError as missing:
        print(f"  no model.onnx: {missing}")
        files = rb.export_problem(net, x, y, folder, eps=0.03, bounds=(0.0, 1.0), onnx=False)
    try:
        from vnnlib.compat import read_vnnlib_simple
    except ImportError:
        return
    for row, label, file in zip(x.double().flatten(1), y.tolist(), files, strict=True):
        box, wrong = read_vnnlib_simple(str(file), row.numel(), 10)[0]
        ends = torch.stack([(row - 0.03).clamp(min=0), (row + 0.03).clamp(max=1)], 1)
        assert torch.equal(torch.tensor(box, dtype=torch.float64), ends)
        asked = sorted(np.asarray(matrix).ravel().tolist() for matrix, _ in wrong)
        assert asked == sorted(margins_of(torch.tensor([label]), 10)[0].int().tolist())
    print(f"  vnnlib: {len(files)} files read back as they were meant")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=["smoothing", "bounds", "export"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print(f"leadline {leadline.__version__}, torch {torch.__version__}")
    if options.only in (None, "smoothing"):
        cnn, resnet = small_cnn().eval(), small_resnet().eval()
        grey, colour = torch.rand(8, 1, 28, 28), torch.rand(1, 3, 32, 32)
        print(f"certify one image, n = {options.draws}")
        smoothing_row("CNN, 28 x 28", cnn, grey[:1], options.draws, options.repeats)
        smoothing_row("ResNet, 3 x 32 x 32", resnet, colour, options.draws // 4, options.repeats)
        stop_row(cnn, grey, options.draws // 10)
    if options.only in (None, "bounds"):
        bounds_rows(2)
    if options.only in (None, "export"):
        print("export for complete verifiers")
        export_rows()


if __name__ == "__main__":
    main()
