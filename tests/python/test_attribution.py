"""Attributions from Python: closed forms, the kind that came in, model and data left as found."""

import numpy as np
import pytest
import torch
from torch import nn

import leadline
from leadline.attribution import IntegratedGradients, Saliency

W = torch.tensor([[1.0, -2.0, 0.5], [-1.0, 0.0, 2.0]])


def linear():
    net = nn.Linear(3, 2)
    with torch.no_grad():
        net.weight.copy_(W)
    return net


def mlp():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Dropout(0.5), nn.Linear(16, 3)).double()


@pytest.mark.parametrize("steps", [1, 3, 50])
def test_a_linear_model_is_attributed_weight_times_distance(steps):
    x = torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 4.0]])
    target = torch.tensor([0, 1])
    found = IntegratedGradients(steps=steps, baseline=0.25).attribute(linear(), x, target)
    torch.testing.assert_close(found.values, W[target] * (x - 0.25), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(Saliency().attribute(linear(), x, target).values, W[target].abs())
    signed = Saliency(absolute=False).attribute(linear(), x, target)
    torch.testing.assert_close(signed.values, W[target])


def test_an_attribution_comes_with_what_proves_it():
    net, x, target = linear(), torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 4.0]]), [0, 1]
    found = IntegratedGradients(steps=4, baseline=0.25).attribute(net, x, torch.tensor(target))
    assert isinstance(found, leadline.attribution.Attribution) and found.baseline == 0.25
    with torch.no_grad():
        score = net(x).gather(1, torch.tensor(target)[:, None])[:, 0].double()
        base = net(torch.full_like(x, 0.25)).gather(1, torch.tensor(target)[:, None])[:, 0].double()
    torch.testing.assert_close(found.score, score, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(found.baseline_score, base, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(
        found.residual, found.values.double().sum(1) - (found.score - found.baseline_score)
    )
    assert found.residual.abs().max() < 1e-5
    assert found.shape == (2, 3) and len(found) == 2
    np.testing.assert_array_equal(np.asarray(found), found.values.numpy())
    plain = Saliency().attribute(net, x.numpy(), np.array(target))
    assert plain.residual is None and plain.baseline is None and plain.baseline_score is None
    assert isinstance(plain.score, np.ndarray)


def test_too_few_steps_show_in_the_residual():
    net, x = mlp().eval(), 9 * torch.ones(2, 4, dtype=torch.double)
    rough = IntegratedGradients(steps=1).attribute(net, x, 0)
    fine = IntegratedGradients(steps=200).attribute(net, x, 0)
    assert rough.residual.abs().max() > 1e-2 > 1e-4 > fine.residual.abs().max()


def test_the_kind_that_came_in_goes_out():
    x = np.array([[1.0, 2.0, -1.0]], dtype=np.float32)
    for given in (x, x.copy()):
        values = IntegratedGradients().attribute(linear(), np.float32(given), np.array([1])).values
        assert isinstance(values, np.ndarray)
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, W[1:].numpy() * x, rtol=1e-5)
    values = IntegratedGradients().attribute(linear(), torch.from_numpy(x), 1).values
    assert isinstance(values, torch.Tensor)
    assert not values.requires_grad


def test_attributions_add_up_in_evaluation_mode_and_leave_the_model_as_found():
    net = mlp().train()
    x = torch.linspace(-1, 1, 20, dtype=torch.double).view(5, 4).requires_grad_(True)
    target = torch.tensor([0, 1, 2, 0, 1])
    values = IntegratedGradients(steps=50).attribute(net, x, target).values
    assert net.training
    assert x.grad is None
    assert all(p.grad is None and p.requires_grad for p in net.parameters())
    net.eval()
    with torch.no_grad():
        score = net(x).gather(1, target[:, None])[:, 0]
        base = net(torch.zeros_like(x)).gather(1, target[:, None])[:, 0]
    torch.testing.assert_close(values.sum(1), score - base, rtol=1e-10, atol=1e-10)


def test_gradients_agree_with_autograd():
    net = mlp().eval()
    x = torch.linspace(-1, 1, 12, dtype=torch.double).view(3, 4)
    leaf = x.clone().requires_grad_(True)
    (expected,) = torch.autograd.grad(net(leaf)[:, 2].sum(), [leaf])
    torch.testing.assert_close(Saliency(absolute=False).attribute(net, x, 2).values, expected)


def test_errors_say_what_to_do():
    with pytest.raises(leadline.ValueError, match=r"class numbers in \[0, 2\), got 2"):
        Saliency().attribute(linear(), torch.ones(1, 3), 2)
    with pytest.raises(leadline.CapabilityError, match="embedding"):
        Saliency().attribute(linear(), torch.ones(1, 3, dtype=torch.long), 1)
    with pytest.raises(leadline.CapabilityError, match="graph"):
        Saliency().attribute(lambda x: x.detach() * 2, torch.ones(1, 3), 1)
    with pytest.raises(leadline.ShapeError, match="one target"):
        IntegratedGradients().attribute(linear(), torch.ones(2, 3), torch.tensor([0, 1, 1]))
