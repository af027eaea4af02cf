"""Whole reports on honest models and data, as a user gets them: the suites as they ship."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

import leadline

from .worlds import blobs, mislabelled, picture_net, pictures, table_net, table_rows

# Share of the labels that are drawn anew: models that cannot be right about all, and models that
# misread few or no samples.
SHARES = {"1 in 8": 0.125, "none": 0.0}
KINDS = [
    (suite, task, anew)
    for suite in ("quick", "standard")
    for task in ("image", "table")
    for anew in SHARES
]


def noticed(model: Any, seed: int, like: np.ndarray, n: int = 150) -> np.ndarray:
    """Foreign rows that a working detector notices: wide noise, those with the least energy.

    Noise at large would be read with high scores by some networks. That is a true alarm of
    `separates_the_right_way_round`, and no false one.
    """
    rng = np.random.default_rng([seed, 41])
    shape = (20 * n, *like.shape[1:])
    wide = rng.random(shape) if like.ndim == 4 else rng.normal(0, 4, shape)
    wide = torch.tensor(wide, dtype=torch.float32)
    energy = torch.logsumexp(model(wide), 1)
    return wide[energy.argsort()[:n]].numpy()


def honest_report(suite: str, task: str, anew: str, seed: int) -> leadline.Report:
    """Model, test data, training data and foreign data all differ from seed to seed."""
    share = SHARES[anew]
    if task == "image":
        model, test = picture_net(seed, share), mislabelled(pictures(seed, 320), share, 0)
        data = test.dataset()
        train = mislabelled(pictures(seed, 400, draw=1), share, 1).dataset()
        foreign = leadline.Dataset(noticed(model, seed, test.x), bounds=(0.0, 1.0))
    else:
        model = table_net(seed, share)
        data = table_rows(seed, 320, share=share)
        train = table_rows(seed, 400, draw=1, share=share)
        foreign = leadline.Dataset(noticed(model, seed, blobs(seed, 1).x))
    also = {"train": train, "ood/wide": foreign}
    return leadline.evaluate(model, data, suite=suite, seed=seed, also=also, progress=False)


def failed_checks(report: leadline.Report) -> list[str]:
    return [
        f"{finding.probe}.{check.name}: {check.why}"
        for finding in report.findings
        for check in finding.checks
        if check.result == "fail"
    ]


def alarms(
    suite: str, task: str, anew: str, seeds: Iterable[int]
) -> tuple[int, Counter[str], list[str]]:
    """Reports with a failed check; which checks; every failure in words."""
    reports, which, words = 0, Counter[str](), []
    for seed in seeds:
        failed = failed_checks(honest_report(suite, task, anew, seed))
        reports += bool(failed)
        which.update(text.split(":")[0] for text in failed)
        words += [f"seed {seed}: {text}" for text in failed]
    return reports, which, words
