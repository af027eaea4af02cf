"""What a third-party package looks like: one model, data set, probe and metric by entry point."""

from __future__ import annotations

import numpy as np

import leadline


class Threshold(leadline.Model):
    """Calls a sample positive above a threshold."""

    def __init__(self, threshold: float = 0.5) -> None:
        super().__init__()
        self.threshold = threshold

    def info(self):
        return {"name": "threshold", "output": "probabilities"}

    def forward(self, inputs, taps):
        p = 1 / (1 + np.exp(-8 * (inputs.primary.numpy()[:, 0] - self.threshold)))
        return np.stack([1 - p, p], 1)


class Line(leadline.Dataset):
    """Points on a line, positive on the right."""

    def __init__(self, n: int = 200) -> None:
        super().__init__()
        self.n = n

    def info(self):
        return {"name": "line", "size": self.n, "class_names": ["left", "right"]}

    def batch(self, ids):
        x = (np.asarray(ids, "float64") + 0.5) / self.n
        return x[:, None], (x > 0.4).astype("int64")


class Agreement(leadline.Metric):
    """Share of samples on which prediction and target agree."""

    def __init__(self) -> None:
        super().__init__()
        self.hits, self.n = 0, 0

    def info(self):
        return {
            "name": "agreement",
            "reads": ["prediction", "target"],
            "label": "share that agrees",
        }

    def update(self, rows):
        self.hits += int((rows["prediction"] == rows["target"]).sum())
        self.n += len(rows)

    def merge(self, other):
        self.hits += other.hits
        self.n += other.n

    def compute(self):
        return leadline.Estimate.rate(self.hits, self.n)


class Balance(leadline.Probe):
    """How often the positive class is called."""

    class Run(leadline.ProbeRun):
        def __init__(self) -> None:
            super().__init__()
            self.done, self.positive, self.n = 0, 0, 0

        def next_pass(self):
            self.done += 1
            return "test" if self.done == 1 else None

        def observe(self, context):
            label = context.predictions().label
            self.positive += int((label == 1).sum())
            self.n += len(label)

        def merge(self, other):
            self.positive += other.positive
            self.n += other.n

        def finish(self, session):
            finding = leadline.Finding(headline=f"{self.positive} of {self.n} are called right")
            finding.add("positive", leadline.Estimate.rate(self.positive, self.n))
            return finding

    def info(self):
        return {"name": "acme_probe", "question": "How often is it called?", "access": "labels"}

    def start(self, session):
        return self.Run()
