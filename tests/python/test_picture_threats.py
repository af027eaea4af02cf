"""Motions, patches, one change for all, and a surrogate of one's own, from Python."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

import leadline
from leadline import robustness as rb

torch = pytest.importorskip("torch")


def pictures(n: int = 12, side: int = 9, channels: int = 2) -> torch.Tensor:
    return torch.rand(n, channels, side, side, generator=torch.Generator().manual_seed(3))


def moved(x: torch.Tensor, degrees: float, down: float, right: float) -> torch.Tensor:
    """The same motion by torch's sampler: pixels of the output look up where they came from."""
    side = x.shape[-1]
    turn = math.radians(degrees)
    rows, columns = torch.meshgrid(
        torch.arange(side, dtype=torch.float64),
        torch.arange(side, dtype=torch.float64),
        indexing="ij",
    )
    middle = (side - 1) / 2
    dy, dx = rows - middle - down, columns - middle - right
    from_y = math.cos(turn) * dy + math.sin(turn) * dx
    from_x = -math.sin(turn) * dy + math.cos(turn) * dx
    grid = torch.stack([from_x, from_y], -1) / middle
    return torch.nn.functional.grid_sample(
        x.double(),
        grid.expand(len(x), -1, -1, -1),
        mode="bilinear",
        padding_mode="border",
        align_corners=True,
    )


class Recorder(torch.nn.Module):
    """Never misled; keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[torch.Tensor] = []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.asked.append(x.detach().clone())
        return (
            torch.stack([torch.ones(len(x)), torch.zeros(len(x))], 1)
            + 0 * x.sum((1, 2, 3))[:, None]
        )


def test_motions_are_those_of_an_independent_sampler():
    x = pictures(1)
    model = Recorder()
    threat = rb.Threat(norm="spatial", eps=1.0, max_rotation=40, max_translation=0.2)
    rb.SpatialAttack(threat, rotations=3, translations=3).perturb(model, x, torch.zeros(1).long())
    seen = torch.cat(model.asked)
    shift = 0.2 * 9
    expected = torch.cat(
        [
            moved(x, turn, down, right)
            for turn in (-40, 40, 0)
            for down in (-shift, 0, shift)
            for right in (-shift, 0, shift)
        ]
    )
    assert seen.shape == expected.shape
    torch.testing.assert_close(seen.double(), expected, atol=1e-6, rtol=0)


def test_a_spatial_attack_finds_the_rotation_that_misleads():
    def reads_rotation(x: np.ndarray) -> np.ndarray:
        """Class 1 while the bright bar is upright."""
        upright = x[:, 0, :, 4].mean(1)
        return (upright > 0.6).astype(int)

    x = np.zeros((6, 1, 9, 9), np.float32)
    x[:, 0, :, 4] = 1
    data = leadline.Dataset(x, np.ones(6, int), bounds=(0.0, 1.0))
    report = leadline.evaluate(
        leadline.as_model(reads_rotation, output="labels", arrays="numpy"),
        data,
        suite=[rb.SpatialAttack(eps=[0.1, 1.0], max_translation=0)],
    )
    finding = report.findings[0]
    assert finding["accuracy{norm=spatial,eps=0.1}"].value == 1
    assert finding["accuracy{norm=spatial,eps=1}"].value == 0
    assert "30 degrees" in finding.headline
    assert all(check.result != "fail" for check in finding.checks)


def test_a_patch_changes_one_square():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(162, 3))
    x = pictures()
    y = net(x).argmax(1)
    made = rb.PatchAttack(eps=0.12).perturb(net, x, y)
    changed = (made != x).any(1)
    assert (net(made).argmax(1) != y).any()
    for one in changed:
        rows, columns = torch.where(one)
        assert max(rows.max() - rows.min(), columns.max() - columns.min()) < 3  # 9 of 81 pixels
    assert made.min() >= 0 and made.max() <= 1


def test_a_round_patch_changes_what_its_circle_holds():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(162, 3))
    x = pictures()
    made = rb.PatchAttack(eps=0.25, patch_shape="ellipse").perturb(net, x, net(x).argmax(1))
    changed = (made != x).any(1)
    assert changed.any()
    for one in changed:
        rows, columns = torch.where(one)
        high, wide = (v.numpy() - v.numpy().min() for v in (rows, columns))
        assert len(rows) <= 21 and max(high.max(), wide.max()) < 5  # 5 x 5 without its corners
        assert not {(0, 0), (0, 4), (4, 0), (4, 4)} & set(
            zip(high.tolist(), wide.tolist(), strict=True)
        )
    with pytest.raises(leadline.ValueError, match="patch_aspect"):
        rb.PatchAttack(eps=0.1, patch_aspect=0)
    shape = (
        rb.UniversalPerturbation(norm="patch", eps=0.25, patch_aspect=4, epochs=1)
        .fit(net, x, bounds=(0.0, 1.0))
        .shape
    )
    assert tuple(shape) == (1, 2, 2, 9)


def test_a_change_for_all_is_added_to_inputs_it_was_not_fitted_on():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(162, 2))
    x = pictures(200)
    delta = rb.UniversalPerturbation(eps=0.1, goal="any_of", classes=[1]).fit(net, x[:100])
    assert delta.shape == (1, 2, 9, 9) and delta.dtype == torch.float64
    assert delta.abs().max() <= 0.1
    rest = x[100:]
    rest = rest[net(rest).argmax(1) == 0]
    with torch.no_grad():
        reached = (net((rest + delta.float()).clamp(0, 1)).argmax(1) == 1).float().mean()
        expected = (0.1 * (net[1].weight[1] - net[1].weight[0]).sign()).view(1, 2, 9, 9)
    assert reached > 0.9
    inside = (expected - delta).abs().max()
    assert inside < 1e-6
    report = leadline.evaluate(
        net,
        leadline.Dataset(x, net(x).argmax(1), bounds=(0.0, 1.0)),
        suite=[rb.UniversalPerturbation(eps=0.1)],
    )
    assert report["universal_perturbation.fooling_rate{norm=linf,eps=0.1}"].n == 100


def test_a_transfer_attack_climbs_the_surrogate_that_it_is_given():
    torch.manual_seed(1)
    target = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(162, 3))
    other = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(162, 3))
    x = pictures(60)
    y = target(x).argmax(1)
    threat = rb.Threat(norm="linf", eps=0.1)
    data = leadline.Dataset(x, y, bounds=(0.0, 1.0))

    def robust(surrogate: torch.nn.Module) -> float:
        attack = rb.Transfer(threat, surrogate=surrogate, check_samples=0)
        return attack.evaluate(target, data).robust_accuracy.value

    assert robust(target) < 0.05  # its own gradients
    assert robust(other) > robust(target) + 0.2
    attack = rb.Transfer(threat, surrogate=target, steps=7)
    assert attack.get_options()["steps"] == 7
    again = pickle.loads(pickle.dumps(attack))
    assert again.get_options() == attack.get_options() and again.surrogate is not None
    with pytest.raises(leadline.CapabilityError, match="a surrogate that gives gradients"):
        rb.Transfer(
            threat, surrogate=leadline.as_model(lambda v: v, output="labels", arrays="numpy")
        )
    with pytest.raises(leadline.ValueError, match="step"):
        rb.Transfer(threat, surrogate=target, steps=0)


def test_threats_of_pictures_are_refused_where_they_mean_nothing():
    with pytest.raises(leadline.ValueError, match="use SpatialAttack"):
        rb.Pgd(norm="spatial", eps=1.0)
    with pytest.raises(leadline.ValueError, match="norm patch"):
        rb.PatchAttack(norm="linf", eps=0.1)
    with pytest.raises(leadline.ValueError, match="PatchAttack"):
        rb.Fmn(norm="patch", eps=0.1)
