"""A small classifier without torch, data it reads, and toy plug-ins written in Python."""

from __future__ import annotations

import numpy as np

import leadline

CENTRES = np.array([[2.0, 0.0], [0.0, 2.0], [-2.0, -2.0]])


def data(n: int = 300, seed: int = 0, **options) -> leadline.Dataset:
    """Three clouds in the plane, and a group column."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    x = CENTRES[y] + rng.normal(0, 1.2, (n, 2))
    table = {"sex": np.where(rng.random(n) < 0.5, "f", "m").tolist()}
    return leadline.Dataset(x, y, class_names=["a", "b", "c"], table=table, **options)


def logits(x: np.ndarray) -> np.ndarray:
    """The linear classifier that belongs to the clouds."""
    x = np.asarray(x)
    return x @ CENTRES.T - 0.5 * (CENTRES**2).sum(1)


class CountMean(leadline.Metric):
    """Share of rows whose prediction is right, the long way."""

    def __init__(self, *, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight
        self.hits = 0
        self.n = 0

    def info(self) -> dict:
        return {"name": "count_mean", "reads": ["prediction", "target"], "label": "share right"}

    def update(self, rows: leadline.Rows) -> None:
        right = np.asarray(rows["prediction"]) == np.asarray(rows["target"])
        self.hits += int(right.sum())
        self.n += len(right)

    def merge(self, other: CountMean) -> None:
        if not isinstance(other, CountMean) or other.weight != self.weight:
            raise leadline.ValueError(
                "CountMean.merge", "equal options", "other options", "make both alike"
            )
        self.hits += other.hits
        self.n += other.n

    def compute(self) -> leadline.Estimate:
        return leadline.Estimate.rate(self.hits, self.n)


class ErrorsRun(leadline.ProbeRun):
    def __init__(self) -> None:
        super().__init__()
        self.passes = 0
        self.wrong: list[int] = []
        self.n = 0

    def next_pass(self):
        self.passes += 1
        return "test" if self.passes == 1 else None

    def observe(self, context: leadline._core.Context) -> None:
        p = context.predictions()
        self.n += p.n
        self.wrong += [int(i) for i in context.batch.ids[p.label != p.target]]

    def merge(self, other: ErrorsRun) -> None:
        self.wrong = sorted(self.wrong + other.wrong)
        self.n += other.n

    def finish(self, session) -> leadline.Finding:
        finding = leadline.Finding(headline=f"{len(self.wrong)} samples are misread")
        finding.add("rate", leadline.Estimate.rate(len(self.wrong), self.n), better="lower")
        for i in sorted(self.wrong)[:3]:
            finding.add_flag(leadline.Flag(i, "misread"))
        finding.add_check(leadline.Check("saw_samples", "pass" if self.n else "fail"))
        return finding

    def state_dict(self) -> dict:
        return {"passes": self.passes, "wrong": self.wrong, "n": self.n}

    def load_state_dict(self, state: dict) -> None:
        self.passes, self.wrong, self.n = state["passes"], list(state["wrong"]), state["n"]


class Errors(leadline.Probe):
    """Lists what the model misreads."""

    def info(self) -> dict:
        return {"name": "errors", "question": "What does it misread?", "access": "labels"}

    def start(self, session) -> ErrorsRun:
        return ErrorsRun()


class MeanOffset(leadline.Probe):
    """Two passes: fits the mean of role `fit`, then scores the distance of the test mean from it."""

    class Run(leadline.ProbeRun):
        def __init__(self) -> None:
            super().__init__()
            self.stage = 0
            self.sums = {"fit": np.zeros(2), "test": np.zeros(2)}
            self.counts = {"fit": 0, "test": 0}

        def next_pass(self):
            self.stage += 1
            return {1: "fit", 2: leadline.PassNeeds("test")}.get(self.stage)

        def observe(self, context) -> None:
            role = "fit" if self.stage == 1 else "test"
            x = context.batch.x
            self.sums[role] = self.sums[role] + x.sum(0)
            self.counts[role] += len(x)

        def merge(self, other) -> None:
            for role in self.sums:
                self.sums[role] = self.sums[role] + other.sums[role]
                self.counts[role] += other.counts[role]

        def finish(self, session) -> leadline.Finding:
            finding = leadline.Finding(headline="measured")
            if not all(self.counts.values()):
                finding.add("offset", leadline.Estimate.absent("empty", "no sample was seen"))
                return finding
            means = [self.sums[r] / self.counts[r] for r in ("fit", "test")]
            distance = float(np.linalg.norm(means[0] - means[1]))
            finding.add("offset", leadline.Estimate.of(distance, self.counts["test"], "one number"))
            return finding

    def info(self) -> dict:
        return {"name": "mean_offset", "question": "Did the mean move?", "roles": ["fit"]}

    def start(self, session):
        return self.Run()


class NoisyVotes(leadline.Probe):
    """A loop of its own: re-reads samples, adds seeded noise, counts changed decisions."""

    def __init__(self, *, scale: float = 0.5) -> None:
        super().__init__()
        self.scale = scale

    class Run(leadline.ProbeRun):
        def __init__(self, scale: float) -> None:
            super().__init__()
            self.scale = scale
            self.changed = 0
            self.n = 0

        def work(self, session) -> None:
            ids = session.ids()
            for start in range(0, len(ids), session.batch_size):
                if session.stopping:
                    return
                part = ids[start : start + session.batch_size]
                x = session.data().batch(part).x
                noise = [session.rng("noise", int(i)).normal(x.shape[1]) for i in part]
                before = session.subject.forward(x).output.numpy()
                after = session.subject.forward(x + self.scale * np.array(noise)).output.numpy()
                session.count_forwards(2 * len(part))
                self.changed += int((before.argmax(1) != after.argmax(1)).sum())
                self.n += len(part)

        def merge(self, other) -> None:
            self.changed += other.changed
            self.n += other.n

        def finish(self, session) -> leadline.Finding:
            finding = leadline.Finding(headline=f"{self.changed} of {self.n} change")
            finding.add("changed", leadline.Estimate.rate(self.changed, self.n), better="lower")
            return finding

    def info(self) -> dict:
        return {"name": "noisy_votes", "question": "Do votes flip?", "needs_random_access": True}

    def start(self, session):
        return self.Run(self.scale)
