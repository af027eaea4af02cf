"""Defences around a net."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
from hardening_toys import trained_on_digits  # noqa: E402

import leadline  # noqa: E402
from leadline import mitigate, stats  # noqa: E402
from leadline import robustness as rb  # noqa: E402


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small nets on several threads wait for one another more than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def trained():
    return trained_on_digits()


def test_a_defence_takes_the_mode_of_its_model_and_fitting_changes_none(trained):
    net = trained[0]
    detector = mitigate.Detector(net)
    assert not detector.training
    detector.train()
    net.eval()
    detector.fit(trained[2])
    assert detector.training and not net.training


@pytest.mark.parametrize("score", ["feature_squeezing", "energy", "confidence"])
def test_a_detector_rejects_about_as_many_honest_inputs_as_it_was_told(trained, score):
    detector = mitigate.Detector(trained[0], score=score, false_reject_rate=0.1).fit(trained[2])
    rejected = int((detector(trained[3][0]).argmax(1) == 10).sum())
    assert stats.binomial_test(rejected, 150, 0.1).p_value > 1e-3


def test_smoothing_votes_as_the_room_of_proofs_does(trained):
    x = trained[3][0]
    ours = mitigate.Smoothed(trained[0], sigma=0.1, draws=64)(x).argmax(1).numpy()
    theirs = rb.Smoothing(trained[0], sigma=0.1, output="logits").predict(x, n=256)
    sure = theirs.label >= 0
    assert sure.mean() > 0.8
    assert (ours[sure] == theirs.label[sure]).mean() > 0.97


def test_smoothing_answers_alike_for_any_batch(trained):
    x, model = trained[3][0][:20], mitigate.Smoothed(trained[0], sigma=0.2, draws=16)
    with torch.no_grad():
        alone = torch.cat([model(row) for row in torch.split(x, 1)])
        assert torch.allclose(model(x), alone, atol=1e-5)


def test_defences_refuse_what_they_cannot_do(trained):
    net = trained[0]
    with pytest.raises(leadline.TypeError, match="nn.Module"):
        mitigate.BitDepth(lambda x: x, bits=3)
    with pytest.raises(leadline.ValueError, match="bits"):
        mitigate.BitDepth(net, bits=40)(trained[2])
    with pytest.raises(leadline.ShapeError, match="pictures"):
        mitigate.MedianFilter(net)(trained[2])
    with pytest.raises(leadline.ValueError, match="sigma"):
        mitigate.Smoothed(net, sigma=0.0)
    with pytest.raises(leadline.ValueError, match="threshold"):
        mitigate.Detector(net)(trained[2])
    with pytest.raises(leadline.ValueError, match="score"):
        mitigate.Detector(net, score="magic")
    with pytest.raises(leadline.ValueError, match="scores"):
        mitigate.Detector(net, false_reject_rate=0.01).fit(trained[2][:20])
