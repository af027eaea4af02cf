"""compare(): mitigations of one model in one paired table."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from leadline import _core
from leadline._arguments import whole
from leadline._core import Dataset, Suite
from leadline._progress import Callback, progress_display
from leadline.mitigate import _measures as measures
from leadline.mitigate._measures import Measured
from leadline.mitigate._rows import WHO, How, rows_of
from leadline.mitigate._told import Told, overview, row_finding
from leadline.mitigate.result import MitigationComparison, MitigationRow, id_of

__all__ = ["compare"]

Attacks = Callable[[Any, int], Sequence[Any]]


def _default_attacks(threat: Any, eot_samples: int) -> Sequence[Any]:
    from leadline import robustness as rb

    return [
        rb.Pgd(threat, steps=40, eot_samples=eot_samples, check_samples=64),
        rb.Pgd(threat, loss="margin", restarts=2, eot_samples=eot_samples, check_samples=0),
        rb.Square(threat, queries=500, check_samples=0),
    ]


def compare(
    models: Mapping[str, Any],
    baseline: Any,
    data: Any,
    *,
    threat: Any,
    attacks: Attacks | None = None,
    groups: str | None = None,
    min_group: int = 10,
    explain: Literal["saliency", "integrated_gradients"] | None = "saliency",
    explain_samples: int = 64,
    repeats: int = 15,
    replicates: int = 1000,
    seed: int = 0,
    batch_size: int = 128,
    level: float = 0.95,
    output: str | None = "logits",
    progress: bool | Callback = True,
    title: str | None = None,
) -> MitigationComparison:
    """What each mitigation gains under an attack that knows it, and what it costs.

    Every model is attacked by an attack of its own: gradients of the defence itself, those that see
    through rounding (`Transformed`), averaged ones for random defences, the class of rejection evaded
    (`Detector`); a black-box attack and examples made for the baseline are tried on top. What the
    checks of the attack do not vouch for is *not to be trusted*.

    Args:
        models: name -> model: hardened nets, defences of this room, one's own, black boxes.
        baseline: the model without mitigation.
        data: a `leadline.Dataset` with bounds; nothing of it was used to train or fit.
        threat: a `robustness.Threat`, untargeted; the largest budget decides, all make the curve.
        attacks: (threat, eot_samples) -> probes; default: PGD with 40 steps on the log loss, and from
            two starts on the margin, and Square with 500 queries. `lambda t, eot: [rb.AutoAttack(t)]` is the published protocol.
        groups: column of the data's table; default: its first with at most 64 values, else the class.
        min_group: smaller groups are left out.
        explain: what explanations are compared by; None: not at all.
        explain_samples: samples explained.
        repeats: forwards timed, each beside one of the baseline; 0: no timing.
        replicates: of the bootstraps.
        seed: of all that is drawn.
        batch_size: samples a forward.
        level: of the intervals.
        output: what the models' numbers are; None: as each says.
        progress: True shows a bar where a person looks.
        title: of the report.

    Raises:
        leadline.ValueError: no models, a name without letters, a threat that is not untargeted.
        leadline.CapabilityError: data without bounds, a model that no attack can be run on.

    Example:
        >>> import leadline, torch
        >>> from leadline import mitigate, robustness as rb
        >>> _ = torch.manual_seed(0)
        >>> net = torch.nn.Linear(6, 3)
        >>> x = torch.rand(60, 6); y = net(x).argmax(1)
        >>> data = leadline.Dataset(x, y, bounds=(0.0, 1.0))
        >>> found = mitigate.compare(
        ...     {"4 levels": mitigate.BitDepth(net, bits=2)}, net, data, threat=rb.Threat(eps=0.1),
        ...     progress=False)
        >>> found["4 levels"].gain.n
        60
    """
    import leadline
    from leadline.evaluation import _as_dataset

    source: Dataset = _as_dataset(data)
    _check(models, threat)
    _check_numbers(explain, explain_samples, repeats, replicates, min_group)
    options: dict[str, Any] = {
        "seed": seed,
        "batch_size": batch_size,
        "level": level,
        "output": output,
    }
    how = How(level, seed, replicates, repeats, min_group, groups)
    budgets = sorted(np.atleast_1d(np.asarray(threat.eps, dtype=float)).tolist())
    named = {"baseline": baseline, **models}
    began = time.monotonic()
    measured: list[Measured] = []
    with progress_display(progress) as show:
        for name, model in named.items():
            if show is not None:
                show(f"attacking {name}", len(measured), len(named), time.monotonic() - began)
            chosen = _attacks_for(model, threat, attacks or _default_attacks, source, output)
            measured.append(measures.run(name, model, source, chosen, options))
        measured = _on_the_same_samples(measured)
        _carry_over(measured, threat, budgets[-1], source, seed, options)
        if show is not None:
            show("explaining and timing", len(named), len(named), time.monotonic() - began)
        rows = rows_of(measured, budgets[-1], source, how, explain, explain_samples)
    rows.sort(key=lambda row: (not row.trusted, -row.gain.value))
    report = leadline.evaluate(
        baseline,
        source,
        suite=_told(rows, measured, overview(rows, measured, budgets, level)),
        progress=False,
        title=title or "What mitigations gain and cost",
        **options,
    )
    return MitigationComparison(rows, report, {m.name: m.report for m in measured})


def _told(rows: list[MitigationRow], measured: list[Measured], first: Any) -> Any:
    """The overview and a finding a mitigation, as a suite."""
    by_name = {m.name: m for m in measured}
    base = measures.failures(measured)[measured[0].name]
    suite = Suite("mitigations")
    suite.add(
        Told(first, "Which mitigation helps against an attack that knows it, and at what price?"),
        "mitigation",
    )
    for row in rows:
        told = Told(
            row_finding(row, by_name[row.name], base), f"What does '{row.name}' gain and cost?"
        )
        suite.add(told, row.id)
    return suite


def _check(models: Mapping[str, Any], threat: Any) -> None:
    from leadline.robustness import Threat

    if not isinstance(models, Mapping) or not models:
        raise _core.ValueError(
            WHO, "{name: model} with at least one", repr(models), "name what is to be compared"
        )
    for name in models:
        if not isinstance(name, str) or id_of(name) in ("", "baseline", "mitigation"):
            raise _core.ValueError(
                WHO,
                "names with letters or digits, other than 'baseline' and 'mitigation'",
                repr(name),
                "they name what is measured",
            )
    if len({id_of(name) for name in models}) < len(models):
        raise _core.ValueError(
            WHO, "names that differ in their letters and digits", repr(list(models)), "rename one"
        )
    if not isinstance(threat, Threat) or threat.goal != "untargeted":
        raise _core.ValueError(
            WHO,
            "an untargeted robustness.Threat",
            repr(threat),
            "write threat=rb.Threat(norm='linf', eps=0.1)",
        )


def _check_numbers(
    explain: str | None, explain_samples: int, repeats: int, replicates: int, min_group: int
) -> None:
    """Before hours of attacks, not after."""
    if explain not in (None, "saliency", "integrated_gradients"):
        raise _core.ValueError(
            WHO, "explain to be 'saliency', 'integrated_gradients' or None", repr(explain), ""
        )
    whole(WHO, "explain_samples", explain_samples, 2)
    whole(WHO, "repeats", repeats, 0)
    whole(WHO, "replicates", replicates, 100)
    whole(WHO, "min_group", min_group, 1)


def _attacks_for(
    model: Any, threat: Any, make: Attacks, data: Dataset, output: str | None
) -> list[Any]:
    """The attacks that know this model: a detector's must reach another class than "rejected"."""
    from leadline.robustness import Threat

    if getattr(model, "rejects", False):
        k = measures.n_classes(model, data, output) - 1
        threat = Threat(**{**threat.as_dict(), "goal": "any_of", "classes": list(range(k))})
    return list(make(threat, int(getattr(model, "eot_samples", 1))))


def _on_the_same_samples(measured: list[Measured]) -> list[Measured]:
    """Cut to the samples that every attack looked at."""
    common = measured[0].ids
    for m in measured[1:]:
        common = np.intersect1d(common, m.ids)

    def cut(m: Measured) -> Measured:
        at = np.searchsorted(m.ids, common)
        return replace(
            m,
            ids=common,
            correct=m.correct[at],
            rejected=m.rejected[at],
            fooled_at=m.fooled_at[at].copy(),
        )

    return [cut(m) for m in measured]


def _carry_over(
    measured: list[Measured],
    threat: Any,
    eps: float,
    data: Dataset,
    seed: int,
    options: dict[str, Any],
) -> None:
    """Examples that climb the baseline's margin all the way, tried on every model alike."""
    from leadline.robustness import Pgd, Threat

    batch = data.batch(measured[0].ids.tolist())
    bounds = data.info().bounds or tuple(threat.bounds)
    attack = Pgd(Threat(**{**threat.as_dict(), "eps": eps}), steps=20, loss="margin")
    how = {"bounds": bounds, "seed": seed, "output": options["output"] or "unknown"}
    try:
        moved = attack.perturb(measured[0].model, batch.x, batch.target, keep="last", **how)
    except _core.CapabilityError as error:
        measured[0].not_run.append(f"nothing was carried over: {error}")
        return
    for m in measured:
        check = measures.carry_over(moved, m, data, eps, options)
        m.carried = None if m is measured[0] else check
