"""A report in which every block kind, status, check result and outcome stands once or more."""

from __future__ import annotations

import base64
import math

import numpy as np

CLASSES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker",
           "bag", "ankle boot"]  # fmt: skip


def estimate(value=None, lower=None, upper=None, n=10000, status="ok", why="", method="", **facts):
    return {
        "status": status, "value": value, "lower": lower, "upper": upper, "level": 0.95,
        "method": method or ("wilson" if lower is not None else ""), "n": n, "why": why,
        "error_bound": 0.0, "facts": facts,
    }  # fmt: skip


def rate(share, n=10000):
    z = 1.959963984540054
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return estimate(share, centre - half, centre + half, n)


def named(name, value, label="", better="higher", unit=""):
    return {"name": name, "label": label, "unit": unit, "better": better, "estimate": value}


def check(name, result, why, remedy="", applies_to=("*",), evidence=None, p_value=None):
    return {
        "name": name, "result": result, "why": why, "remedy": remedy,
        "applies_to": list(applies_to), "evidence": evidence, "p_value": p_value,
    }  # fmt: skip


def image(pixels):
    pixels = np.ascontiguousarray(pixels, np.uint8)
    height, width = pixels.shape[:2]
    channels = 3 if pixels.ndim == 3 else 1
    text = base64.b64encode(pixels.tobytes()).decode()
    return {"height": height, "width": width, "channels": channels, "pixels": text}


def exhibit(kind, sample, title, caption="", images=(), labels=(), values=(), overlay=()):
    return {
        "type": "exhibit", "kind": kind, "id": sample, "title": title, "caption": caption,
        "severity": 1.0, "labels": list(labels), "values": list(values),
        "overlay": list(overlay), "images": list(images),
    }  # fmt: skip


def series(name, x, y, lower=(), upper=(), style="line"):
    return {"name": name, "style": style, "x": list(x), "y": list(y), "lower": list(lower),
            "upper": list(upper)}  # fmt: skip


def curve(title, x_label, y_label, *lines, note="", log_x=False, diagonal=False):
    return {
        "type": "curve", "title": title, "note": note, "x_label": x_label, "y_label": y_label,
        "log_x": log_x, "diagonal": diagonal, "level": 0.95, "series": list(lines),
    }  # fmt: skip


def grid(title, names, values, row_label="true class", col_label="read as", counts=True, note=""):
    return {
        "type": "grid", "title": title, "note": note, "row_label": row_label,
        "col_label": col_label, "row_names": list(names), "col_names": list(names),
        "counts": counts, "values": [float(v) for v in np.ravel(values)],
    }  # fmt: skip


def table(title, columns, rows, note=""):
    return {"type": "table", "title": title, "note": note, "columns": list(columns), "rows": rows}


def finding(probe, kind, question, headline="", **given):
    made = {
        "probe": probe, "kind": kind, "question": question, "status": "ok", "why": "",
        "headline": headline, "consequence": "", "remedies": [], "estimates": [], "checks": [],
        "blocks": [], "flags": [], "warnings": [], "options": [],
        "cost": {"seconds": 0.0, "forwards": 0, "backwards": 0, "peak_bytes": 0},
    }  # fmt: skip
    made.update(given)
    return made


def pairs(**given):
    return [{"name": key.replace("__", "."), "value": str(value)} for key, value in given.items()]


def cost(seconds, forwards=0, backwards=0, peak_bytes=0):
    return {"seconds": seconds, "forwards": forwards, "backwards": backwards,
            "peak_bytes": peak_bytes}  # fmt: skip


def verdict(name, of, comparison, limit, outcome, why="", value=None, more=None, reason=""):
    return {
        "requirement": {"name": name, "estimate": of, "comparison": comparison, "limit": limit,
                        "slice": "", "reason": reason},
        "outcome": outcome, "why": why, "estimate": value, "more_samples": more,
    }  # fmt: skip


def drawn(n=8, side=28):
    """Grey pictures that need no data set: a blob each."""
    y, x = np.mgrid[:side, :side] / (side - 1) - 0.5
    return [
        np.uint8(255 * np.clip(1.3 - (np.abs(x) ** (1 + k / 3) + np.abs(y) ** 1.5) * 7, 0, 1))
        for k in range(n)
    ]


def confusion(rng, names, n=1000):
    k = len(names)
    shares = rng.dirichlet(np.full(k, 0.12), k) * 0.12 + np.eye(k) * 0.88
    return np.array([rng.multinomial(n, row / row.sum()) for row in shares])


def task(rng):
    per_class = [0.86, 0.98, 0.85, 0.92, 0.86, 0.98, 0.72, 0.97, 0.98, 0.96]
    rows = [
        [c, int(n), rate_cell(p), f, None]
        for c, p, f, n in zip(CLASSES, per_class, per_class[::-1], [1000] * 10, strict=True)
    ]
    return finding(
        "task", "task", "How often is the model right?",
        "About 91 in 100 images are read correctly; between 90.4 and 91.5. Shirts are the hardest: "
        "28 in 100 are misread.",
        consequence="One in four shirts is sorted into the wrong bin.",
        remedies=[{"text": "Look at the misread shirts first.", "call": "report.samples(predicted='coat', target='shirt')"}],
        estimates=[
            named("accuracy", rate(0.91), "share of images read correctly"),
            named("balanced_accuracy", estimate(0.9098, 0.9041, 0.9152, method="delta",
                                                classes_averaged=10), "mean share over the classes"),
            named("top_k{k=3}", rate(0.991), "right answer among the first three"),
            named("log_loss", estimate(0.2513, 0.2398, 0.2631, method="bootstrap"), "log loss", "lower", "nats"),
            named("brier", estimate(0.129, 0.124, 0.1344, method="t"), "Brier score", "lower"),
            named("f1{average=macro}", estimate(0.9094, 0.9036, 0.9149, method="bootstrap"), "F1, mean over the classes"),
            named("accuracy@sex=f", estimate(None, n=0, status="undefined", why="no sample belongs to this group"), "share right where sex is f"),
            *[named(f"recall{{class={c}}}", rate(p, 1000), f"{c}: share found") for c, p in zip(CLASSES, per_class, strict=True)],
        ],
        checks=[
            check("labels_in_range", "pass", "10000 of 10000 labels are classes"),
            check("row_independence", "pass", "batch size 1 and 256 agree on 10000 of 10000 decisions", evidence=estimate(0.0, n=10000, why="exact"), p_value=0.62),
        ],
        blocks=[
            grid("Which class is read as which", CLASSES, confusion(rng, CLASSES)),
            table("Each class", ["class", "images", "found", "F1", "note"], rows, note="Intervals: Wilson, 95 %."),
        ],
        flags=[{"id": int(i), "reason": "read as coat with confidence 0.99, labelled shirt", "severity": 0.99 - k / 100}
               for k, i in enumerate(rng.integers(0, 9999, 15))],
        options=pairs(top_k=3, average="macro, micro, weighted"),
        cost=cost(4.21, 10000, 0, 84 << 20),
    )  # fmt: skip


def rate_cell(p):
    return {"estimate": rate(p, 1000)}


def calibration(rng):
    x = np.linspace(0.05, 0.95, 10)
    y = np.clip(x - 0.07 * np.sin(x * 3), 0, 1)
    y_gap = [None, *y[1:]]
    half = np.linspace(0.12, 0.01, 10)
    lower, upper = [None, *(y - half)[1:]], [None, *np.clip(y + half, 0, 1)[1:]]
    return finding(
        "calibration", "calibration", "When the model says 90 % sure, is it right 90 times in 100?",
        "Nearly: the stated confidence is 4 points too high on average; between 3.4 and 4.9.",
        consequence="A rule such as “send to a person below 90 %” lets more mistakes through than it says.",
        remedies=[{"text": "Rescale the outputs with one temperature.", "call": "leadline.uncertainty.TemperatureScaling().fit(net, calibration)"}],
        estimates=[named("ece", estimate(0.0412, 0.034, 0.049, method="bootstrap"), "mean gap between confidence and share right", "lower"),
                   named("mce", estimate(0.093, 0.06, 0.13, method="bootstrap"), "largest gap in a bin", "lower")],
        checks=[check("bins_hold_enough", "not_run", "one bin is empty")],
        blocks=[
            curve("Reliability", "stated confidence", "share right", series("model", x, y_gap, lower, upper, "points"), diagonal=True, note="The lowest bin is empty."),
            curve("How confidence is spread", "stated confidence", "share of images", series("images", x, [0, .004, .007, .01, .014, .02, .035, .06, .12, .73], style="step")),
        ],
        options=pairs(bins=10, norm="l1"), cost=cost(0.08),
    )  # fmt: skip


def attack(pictures):
    eps = [0, 0.004, 0.008, 0.012, 0.016, 0.024, 0.0314]
    pgd = [0.91, 0.78, 0.6, 0.44, 0.29, 0.13, 0.07]
    fgsm = [0.91, 0.8, 0.66, 0.55, 0.46, 0.35, 0.29]
    noise = [0.91, 0.91, 0.909, 0.908, 0.905, 0.9, 0.894]
    band = [series(n, eps, y, [v - 0.02 for v in y], [min(1, v + 0.02) for v in y]) for n, y in
            (("PGD, 40 steps", pgd), ("FGSM, one step", fgsm), ("random noise", noise))]  # fmt: skip
    rng = np.random.default_rng(5)
    shown = []
    for k, original in enumerate(pictures[:4]):
        change = rng.choice([-8, 8], original.shape) * (original > -1)
        changed = np.clip(original.astype(int) + change, 0, 255)
        shown.append(
            exhibit("image", 100 + k, f"{CLASSES[k]} read as {CLASSES[k + 2]}", "confidence 0.97 before, 0.88 after",
                    [image(original), image(changed)], ["original", "changed"]))  # fmt: skip
    return finding(
        "pgd", "robustness.pgd", "Does the model hold against small deliberate changes?",
        "No: about 7 in 100 images are still read correctly when each pixel may change by 8 of 255; between 5.6 and 8.8.",
        consequence="Anyone who can change pixels can choose what the model reads.",
        remedies=[{"text": "Train on attacked images.", "call": "leadline.robustness.AdversarialTraining(eps=8/255).fit(net, train)"},
                  {"text": "Read how to choose the budget.", "call": "https://example.org/budgets"}],
        estimates=[named(f"accuracy{{norm=linf,eps={e:g}}}", rate(v, 1000), f"share right, change up to {e:g}") for e, v in zip(eps, pgd, strict=True)]
        + [named("distance", estimate(0.0131, 0.0122, 0.0139, 1000, method="order statistics"), "median change that fools", "higher", "linf")],
        checks=[
            check("zero_budget_equals_clean", "pass", "0 of 1000 decisions differ"),
            check("fgsm_not_stronger", "pass", "FGSM 29.0, PGD 7.0 in 100"),
            check("gradients_not_masked", "pass", "0 of 1000 gradients are zero", evidence=rate(0.0001, 1000)),
        ],
        blocks=[curve("Accuracy against the size of the change", "largest change of a pixel (1 = black to white)", "share read correctly", *band),
                curve("Loss against steps", "steps", "loss", series("mean loss", [1, 2, 5, 10, 20, 40, 100], [.6, 1.2, 2.9, 4.1, 4.6, 4.8, 4.85]), log_x=True)]
        + shown,
        flags=[{"id": 100, "reason": "fooled by a change of 1 of 255", "severity": 1.0}],
        warnings=["3 gradients were exactly zero; those samples were attacked from a random start."],
        options=pairs(norm="linf", eps=0.0314, steps=40, restarts=1), cost=cost(61.3, 41000, 40000, 310 << 20),
    )  # fmt: skip


def masked():
    return finding(
        "pgd_bounded", "robustness.pgd", "Does the quantised model hold against small deliberate changes?",
        "83 in 100 images seem to be read correctly under attack; between 80.5 and 85.2.",
        consequence="If the number were right, no further defence would be needed. It is probably far too good.",
        remedies=[{"text": "Attack without gradients.", "call": "leadline.robustness.Square(eps=8/255)"}],
        estimates=[named("accuracy{norm=linf,eps=0.0314}", rate(0.83, 1000), "share right under attack"),
                   named("clean_accuracy", rate(0.905, 1000), "share right without attack")],
        checks=[
            check("gradients_not_masked", "fail", "912 of 1000 gradients are exactly zero", "use a black-box attack, or attack the model before quantisation",
                  ["accuracy{norm=linf,eps=0.0314}"], rate(0.912, 1000)),
            check("unbounded_budget_reaches_zero", "fail", "with an unlimited budget still 80 in 100 are right", "the attack does not work on this model; try leadline.robustness.Square", ["accuracy{norm=linf,eps=0.0314}"], p_value=1e-12),
            check("float64_reverify", "not_run", "the model has no float64 version"),
        ],
        cost=cost(58.8, 41000, 40000, 310 << 20),
    )  # fmt: skip


def attribution(pictures):
    shown = []
    for k, original in enumerate(pictures[4:8]):
        side = original.shape[0]
        y, x = np.mgrid[:side, :side] / side - 0.5
        weights = (
            np.exp(-((x - 0.1) ** 2 + y**2) * 40)
            - 0.7 * np.exp(-((x + 0.2) ** 2 + (y - 0.2) ** 2) * 60)
        ) * (original > 30)
        shown.append(
            exhibit(
                "image",
                200 + k,
                f"why {CLASSES[k + 4]}",
                "integrated gradients, 50 steps",
                [image(original)],
                ["original"],
                overlay=np.ravel(weights).tolist(),
            )
        )
    words = ["the", "sleeves", "are", "not", "long", "<b>"]
    tokens = exhibit(
        "tokens",
        7,
        "a caption",
        "which words counted",
        labels=words,
        overlay=[0, 0.8, 0.1, -1, 0.4, 0],
    )
    row = exhibit(
        "row",
        3,
        "one customer",
        "refused",
        labels=["age", "income", "postcode"],
        values=["39", "21,000", "10115"],
        overlay=[0.2, -0.9, 0.5],
    )
    return finding(
        "integrated_gradients", "attribution.integrated_gradients", "What does the model look at?",
        "The explanation accounts for the score up to 0.3 in 100 of it.",
        estimates=[named("completeness", estimate(0.003, 0.001, 0.006, 64, method="t"), "share of the score not explained", "lower")],
        checks=[check("completeness", "pass", "largest residual 0.012, bound 0.05")],
        blocks=[*shown, tokens, row], options=pairs(steps=50, baseline="black"), cost=cost(3.9, 3200, 3200, 120 << 20),
    )  # fmt: skip


def latency():
    x = [50, 90, 95, 99, 99.9]
    return finding(
        "latency", "cost.latency", "How fast is it, and what does it cost?",
        "One image takes 1.9 ms; 1 in 100 takes longer than 2.7 ms.",
        estimates=[named("latency{percentile=50}", estimate(0.00191, 0.00190, 0.00193, 4096, method="order statistics"), "usual time for one image", "lower", "s"),
                   named("latency{percentile=99}", estimate(0.00268, 0.0026, 0.00281, 4096, method="order statistics"), "99 in 100 are faster than", "lower", "s"),
                   named("peak_memory", estimate(float(91 << 20), n=1, why="one run"), "largest memory", "lower", "bytes"),
                   named("parameters", estimate(421642.0, n=1, why="counted"), "parameters", "neither", ""),
                   named("energy", estimate(None, n=0, status="not_measured", why="this machine has no energy counter"), "energy for one image", "lower", "J")],
        checks=[check("timer_stable", "pass", "the clock drifts by 0.1 in 100")],
        blocks=[curve("Time for one image", "percentile", "seconds", series("single stream", x, [.00191, .0021, .0022, .00268, .0041], style="step"))],
        cost=cost(12.0, 4096),
    )  # fmt: skip


def ood():
    return finding(
        "energy", "ood.energy", "Does it notice images of a kind it has never seen?",
        "In 93 of 100 pairs the foreign image looks more foreign; the target was 95.",
        consequence="Without a better filter, 1 in 4 foreign pictures gets a confident answer.",
        remedies=[{"text": "Give more foreign images to decide.", "call": "leadline.evaluate(net, data, also={'ood/mnist': mnist[:4000]})"}],
        estimates=[named("auroc{data=mnist}", estimate(0.932, 0.915, 0.953, 800, method="delong"), "foreign ranked above known")],
        checks=[check("same_preprocessing", "pass", "ranges agree")],
        blocks=[curve("Trade-off", "known images refused", "foreign images caught", series("energy", [0, .02, .05, .1, .2, .4, 1], [0, .45, .7, .82, .91, .97, 1]), diagonal=True)],
        cost=cost(1.1, 800),
    )  # fmt: skip


def large_grid(rng, k=100):
    names = [f"class {i:03d}" for i in range(k)]
    return finding("wide", "task", "Does the reader cope with a hundred classes?", "It does: the largest mix-ups are listed.",
                   blocks=[grid("A hundred classes", names, confusion(rng, names, 200)),
                           grid("Mean shift", [f"f{i}" for i in range(6)], rng.normal(size=(6, 6)), "layer", "feature", counts=False)])  # fmt: skip


def report(pictures=None):
    """The sample; `pictures`: at least 8 grey uint8 images, drawn here when none are given."""
    rng = np.random.default_rng(0)
    pictures = drawn() if pictures is None else pictures
    findings = [
        task(rng), calibration(rng), attack(pictures), masked(), attribution(pictures), ood(),
        latency(), large_grid(rng),
        finding("mahalanobis", "ood.mahalanobis", "Does it notice foreign images by their features?", status="not_measured",
                why="no training data was given to fit on",
                remedies=[{"text": "Give the training data.", "call": "leadline.evaluate(net, data, also={'train': train})"}]),
        finding("probe_conv2", "inside.linear_probe", "What does the second layer know?", status="failed",
                why="the model raised at batch 7: expected 1 channel, got 3"),
        finding("permutation", "explain.permutation", "Which columns matter?", status="cancelled", why="the time budget of 120 s was used up"),
    ]  # fmt: skip
    return {
        "format": "leadline.report", "schema": 1, "kind": "evaluate",
        "title": "Small CNN on Fashion-MNIST", "created": "2026-11-21T10:04:00Z",
        "partial": True, "partial_why": "The time budget ended before one of eleven questions was answered.",
        "provenance": pairs(model__name="SmallCnn (421,642 parameters)", model__digest="xxh3:7f3c2a90b1d44e6c8a2f",
                            data__test__name="Fashion-MNIST, test part", data__test__size=10000, data__test__fingerprint="xxh3:11d2aa0c93be74f05521",
                            suite="standard", seed=0, device="cpu", leadline__version="0.1.0", torch__version="2.13.0+cpu",
                            threads=1, run__forwards=99096, run__backwards=83200, seconds__total="141.4"),
        "policy": {"name": "release gate 3", "hash": "xxh3:90ab12cd34ef", "locked_at": "2026-11-20 09:00 UTC", "timing": "before"},
        "verdicts": [
            verdict("Reads images well enough", "task.accuracy", ">=", 0.9, "met", "The whole range lies above the limit.", rate(0.91), reason="the old model had 0.9"),
            verdict("Fast enough", "latency.latency{percentile=99}", "<=", 0.005, "met", "", estimate(0.00268, 0.0026, 0.00281, 4096)),
            verdict("Holds against an attacker", "pgd.accuracy{norm=linf,eps=0.0314}", ">=", 0.5, "not_met", "The whole range lies below the limit.", rate(0.07, 1000)),
            verdict("Quantised version holds too", "pgd_bounded.accuracy{norm=linf,eps=0.0314}", ">=", 0.5, "undecided", "Two checks of this measurement failed.", rate(0.83, 1000)),
            verdict("Notices foreign images", "energy.auroc{data=mnist}", ">", 0.95, "undecided", "The limit lies inside the range.", estimate(0.932, 0.915, 0.953, 800), 1400),
            verdict("Notices foreign features", "mahalanobis.auroc", ">", 0.9, "not_measured", "No training data was given to fit on."),
        ],
        "findings": findings,
    }  # fmt: skip
