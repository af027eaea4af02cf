"""What makes a model safer, and what it costs: training, transforms, votes, detectors, compared.

from leadline import mitigate, robustness as rb

threat = rb.Threat(eps=0.1)
hardening = mitigate.PgdTraining(threat, steps=10)
hardening.fit(net, (x, y), epochs=5, optimizer=optimizer)     # or hardening.loss(net, x, y)
found = mitigate.compare({"hardened": net}, baseline, data, threat=threat)
"""

from __future__ import annotations

from leadline._rooms import lazy

_PLACES = {
    "training": ("AdversarialTraining", "FastTraining", "FreeTraining", "PgdTraining")
    + ("TradesTraining",),
    "_fit": ("FitResult",),
    "defences_torch": ("BitDepth", "Defence", "Detector", "JpegLike", "MedianFilter", "Resize")
    + ("Smoothed", "Transformed"),
    "comparison": ("compare",),
    "result": ("MitigationComparison", "MitigationRow"),
}

__getattr__, __dir__, __all__ = lazy(
    __name__, {name: place for place, names in _PLACES.items() for name in names}
)
