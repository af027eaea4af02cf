"""Half precision on the CPU, and models whose parts lie on different devices."""

from __future__ import annotations

import pytest

import leadline
from leadline._load import torch_installed

torch = pytest.importorskip("torch")
if not torch_installed():
    pytest.skip("built without torch", allow_module_level=True)


def net() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(256, 3),
    )


def images(n: int = 60):
    g = torch.Generator().manual_seed(1)
    x = torch.rand(n, 1, 8, 8, generator=g)
    return x, net().eval()(x).argmax(1).detach()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_a_model_of_another_precision_is_evaluated_and_attacked_in_its_own(dtype):
    x, y = images()
    suite = ["task", "calibration", leadline.robustness.Pgd(eps=[0.01, 0.3], steps=5)]
    data = leadline.Dataset(x.to(dtype), y, bounds=(0.0, 1.0))
    report = leadline.evaluate(net().to(dtype), data, suite=suite, progress=False)
    assert {f.status for f in report.findings} == {"ok"}, [f.why for f in report.findings]
    assert report["task.accuracy"].value > 0.9 and report["task.accuracy"].n == 60
    assert report["calibration.ece"].ok
    robust = [e for e in report.estimates if e.startswith("pgd.accuracy{")]
    values = [report[name].value for name in robust]
    assert len(values) == 2 and values[0] > values[1], values
    exact = [c for c in report.finding("pgd").checks if c.result == "fail"]
    assert not exact, [f"{c.name}: {c.why}" for c in exact]


def test_float_data_is_not_narrowed_silently_for_a_half_model():
    x, y = images()
    report = leadline.evaluate(net().half(), (x, y), suite=["task"], progress=False)
    why = report.finding("task").why
    assert report.finding("task").status == "failed"
    assert "input of dtype Half" in why and "Float" in why and "x.to(Half)" in why, why


def test_a_part_of_the_model_on_another_device_names_both():
    x, y = images()
    split = net()
    split[3] = split[3].to("meta")
    with pytest.raises(leadline.TypeError) as caught:
        leadline.evaluate(split, (x, y), suite=["task"], progress=False)
    assert "'3.weight' on device meta, while '0.weight' is on cpu" in str(caught.value)
    assert "load the weights onto one device" in caught.value.remedy


def test_a_model_without_values_is_refused():
    x, y = images()
    with pytest.raises(leadline.TypeError, match="got '0.weight' on device meta") as caught:
        leadline.evaluate(net().to("meta"), (x, y), suite=["task"], progress=False)
    assert "load_state_dict" in caught.value.remedy


def test_a_callable_whose_weights_lie_elsewhere_names_both_devices():
    x, y = images()
    weight = torch.zeros(64, 3, device="meta")
    report = leadline.evaluate(
        lambda v: v.flatten(1).to("meta") @ weight,
        (x, y),
        suite=["task"],
        output="logits",
        progress=False,
    )
    why = report.finding("task").why
    assert report.finding("task").status == "failed"
    assert "device meta, for an input on cpu" in why and "one device" in why, why


def test_what_torch_says_of_two_devices_is_passed_on_with_the_remedy():
    x, _ = images()

    def split(v):
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            "cuda:0 and cpu!"
        )

    with pytest.raises(leadline.Error, match="cuda:0 and cpu") as caught:
        leadline.as_model(split).forward(x)
    assert "on cpu" in caught.value.expected and "to one device" in caught.value.remedy
