"""Freeze scikit-learn's numbers for tests/cpp/metrics and tests/cpp/uncertainty into metrics.json."""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn import metrics as sk

N_CLASSES = 6  # class 5 neither occurs nor is predicted; class 4 occurs and is never predicted


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def ratios(y, label, weights=None):
    options = {"zero_division": np.nan, "sample_weight": weights, "labels": range(N_CLASSES)}
    out = {}
    for name, f in (
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
    ):
        for average in ("macro", "micro", "weighted"):
            out[f"{name}_{average}"] = float(f(y, label, average=average, **options))
        out[f"{name}_class"] = [
            None if np.isnan(v) else float(v) for v in f(y, label, average=None, **options)
        ]
    return out


def calibration(p, y, bins=15):
    """ECE and MCE over [k/B, (k+1)/B), the last one closed, in plain NumPy."""
    confidence, correct = p.max(axis=1), p.argmax(axis=1) == y
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps, sizes = [], []
    for b in range(bins):
        inside = index == b
        if inside.any():
            gaps.append(abs(confidence[inside].mean() - correct[inside].mean()))
            sizes.append(inside.sum())
    gaps, sizes = np.array(gaps), np.array(sizes)
    return {"ece": float((gaps * sizes).sum() / len(y)), "mce": float(gaps.max())}


def main():
    rng = np.random.default_rng(20261121)
    y = rng.choice(N_CLASSES, size=300, p=[0.35, 0.25, 0.2, 0.15, 0.05, 0.0])
    logits = rng.normal(size=(len(y), N_CLASSES)) * 1.5
    logits[np.arange(len(y)), y] += 1.5
    logits[:, 4:] -= 9.0
    logits = np.round(np.round(logits, 3) + 1e-4 * np.arange(N_CLASSES), 4)  # no ties
    weights = np.round(rng.uniform(0, 3, size=len(y)), 2)
    label, p = logits.argmax(axis=1), softmax(logits)
    warnings.simplefilter("ignore")
    plain = {
        "accuracy": float(sk.accuracy_score(y, label)),
        "balanced_accuracy": float(sk.balanced_accuracy_score(y, label)),
        "top_2_accuracy": float(sk.top_k_accuracy_score(y, p, k=2, labels=range(N_CLASSES))),
        "log_loss": float(sk.log_loss(y, p, labels=range(N_CLASSES))),
        "brier": float(sk.brier_score_loss(y, p, labels=range(N_CLASSES), scale_by_half=False)),
        "confusion": sk.confusion_matrix(y, label, labels=range(N_CLASSES)).ravel().tolist(),
        **ratios(y, label),
        **calibration(p, y),
    }
    weighted = {
        "accuracy": float(sk.accuracy_score(y, label, sample_weight=weights)),
        "top_2_accuracy": float(
            sk.top_k_accuracy_score(y, p, k=2, labels=range(N_CLASSES), sample_weight=weights)
        ),
        "log_loss": float(sk.log_loss(y, p, labels=range(N_CLASSES), sample_weight=weights)),
        "brier": float(
            sk.brier_score_loss(
                y, p, labels=range(N_CLASSES), sample_weight=weights, scale_by_half=False
            )
        ),
        **ratios(y, label, weights),
    }
    golden = {
        "made_by": f"scikit-learn {sklearn.__version__}",
        "n_classes": N_CLASSES,
        "target": y.tolist(),
        "logits": logits.ravel().tolist(),
        "weights": weights.tolist(),
        "plain": plain,
        "weighted": weighted,
    }
    path = pathlib.Path(__file__).with_name("metrics.json")
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
