"""Freeze torchmetrics' numbers for tests/python/test_metrics_more.py into torchmetrics.json."""

import json
import pathlib

import numpy as np
import torch
import torchmetrics
from torchmetrics import classification as tc
from torchmetrics import regression as tr


def classes(rng):
    """Scores of 5 classes without ties; precision, recall and F1 at top_k, hinge losses."""
    n, c = 200, 5
    target = rng.integers(0, c, n)
    scores = rng.normal(size=(n, c))
    scores[np.arange(n), target] += 0.7
    s, t = torch.from_numpy(scores), torch.from_numpy(target)
    out = {"scores": scores.ravel().tolist(), "target": target.tolist(), "n_classes": c}
    for k in (1, 2, 3):
        for average in ("macro", "micro", "weighted"):
            options = {"num_classes": c, "average": average, "top_k": k}
            for name, kind in (
                ("precision", tc.MulticlassPrecision),
                ("recall", tc.MulticlassRecall),
                ("f1", tc.MulticlassF1Score),
                ("specificity", tc.MulticlassSpecificity),
            ):
                out[f"{name}_{average}_top{k}"] = float(kind(**options)(s, t))
    # torchmetrics softmaxes scores that leave [0, 1]: these are probabilities, taken as they are
    e = np.exp(scores)
    p = torch.from_numpy(e / e.sum(axis=1, keepdims=True))
    out["probabilities"] = p.numpy().ravel().tolist()
    for squared in (False, True):
        for mode in ("crammer-singer", "one-vs-all"):
            metric = tc.MulticlassHingeLoss(c, squared=squared, multiclass_mode=mode)
            found = metric(p, t)
            key = f"hinge_{mode.replace('-', '_')}_{'squared' if squared else 'plain'}"
            out[key] = float(found.mean())
    return out


def curves(rng):
    n = 400
    target = rng.integers(0, 2, n)
    scores = 1 / (1 + np.exp(-(rng.normal(size=n) + 1.5 * target)))
    s, t = torch.from_numpy(scores), torch.from_numpy(target)
    out = {"scores": scores.tolist(), "target": target.tolist()}
    for low, high in ((0.001, 0.1), (0.02, 0.5)):
        out[f"log_auc_{low}_{high}"] = float(tc.BinaryLogAUC(fpr_range=(low, high))(s, t))
    return out


def rows(rng):
    n, k = 60, 4
    p, q = rng.dirichlet(np.ones(k), n), rng.dirichlet(np.ones(k), n)
    tp, tq = torch.from_numpy(p), torch.from_numpy(q)
    x, y = rng.normal(size=n), rng.normal(size=n)
    out = {"p": p.ravel().tolist(), "q": q.ravel().tolist(), "x": x.tolist(), "y": y.tolist()}
    out["kl"] = float(tr.KLDivergence()(tp, tq))
    out["js"] = float(tr.JensenShannonDivergence()(tp, tq))
    out["cosine"] = float(tr.CosineSimilarity(reduction="mean")(tp, tq))
    for power in (1, 2, 3.5):
        out[f"minkowski_{power}"] = float(
            tr.MinkowskiDistance(power)(torch.from_numpy(x), torch.from_numpy(y))
        )
    return out


def main():
    rng = np.random.default_rng(20261129)
    golden = {
        "made_by": f"torchmetrics {torchmetrics.__version__}",
        "classes": classes(rng),
        "curves": curves(rng),
        "rows": rows(rng),
    }
    path = pathlib.Path(__file__).with_name("torchmetrics.json")
    path.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
