"""The shipped contract checks pass what is right and catch what is planted, in Python plug-ins."""

from __future__ import annotations

import numpy as np
import pytest
import toys

import leadline


class ForgetsTheCount(toys.CountMean):
    """Merges its hits and not its rows."""

    def merge(self, other):
        self.hits += other.hits


class UnseededVotes(toys.NoisyVotes):
    """Draws from a generator that is not the run's."""

    class Run(toys.NoisyVotes.Run):
        def work(self, session):
            ids = session.ids()
            x = session.data().batch(ids).x
            noise = np.random.default_rng().normal(size=x.shape)
            after = session.subject.forward(x + 3 * noise).output.numpy()
            self.changed = int((after.argmax(1) == 0).sum())
            self.n = len(ids)


class Shuffles(leadline.Dataset):
    """Gives the samples in another order than asked."""

    def info(self):
        return {"size": 20, "name": "shuffles"}

    def batch(self, ids):
        ids = np.asarray(ids)[::-1]
        return ids[:, None].astype("float32"), ids % 2


class Counts(leadline.Model):
    """Answers otherwise each time."""

    calls = 0

    def info(self):
        return {"name": "counts", "output": "logits"}

    def forward(self, inputs, taps):
        self.calls += 1
        return np.full((len(inputs), 2), float(self.calls))


def test_toys_of_ones_own_hold_the_contracts():
    assert leadline.testing.check_metric(toys.CountMean()).ok
    data = toys.data(120)
    assert leadline.testing.check_dataset(data).ok
    assert leadline.testing.check_model(toys.logits, data.batch(range(12)).x, output="logits").ok
    assert leadline.testing.check_probe(toys.Errors(), toys.logits, data, output="logits").ok
    fit = {"fit": toys.data(60, seed=1)}
    leadline.testing.check_probe(toys.MeanOffset(), toys.logits, data, also=fit, output="logits")
    leadline.testing.check_probe(toys.NoisyVotes(), toys.logits, data, output="logits")


def test_planted_faults_are_caught_by_name():
    with pytest.raises(leadline.ValueError, match="merge"):
        leadline.testing.check_metric(ForgetsTheCount())
    with pytest.raises(leadline.ValueError):
        leadline.testing.check_probe(UnseededVotes(), toys.logits, toys.data(120), output="logits")
    with pytest.raises(leadline.ValueError):
        leadline.testing.check_dataset(Shuffles())
    with pytest.raises(leadline.ValueError):
        leadline.testing.check_model(Counts(), np.zeros((4, 2)))


def test_a_class_without_a_docstring_breaks_the_contract():
    Bare = type("Bare", (toys.CountMean,), {"__doc__": None})
    with pytest.raises(leadline.ValueError, match="docstring"):
        leadline.testing.check_metric(Bare())
