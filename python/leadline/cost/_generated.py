"""The core half of leadline.cost, as in the catalog."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

from __future__ import annotations

from leadline._catalog import CatalogProbe

__all__ = ["Latency"]


class Latency(CatalogProbe):
    """How long does an answer take? Percentiles, throughput, memory and size.

    Args:
        queries: Single-sample queries to time. At least 1.
        warm_up: Queries before the clock counts. At least 0.
        batch_size: Samples a batch in the offline part; 0: that of the run. At least 0.
        seconds: Most time for each of the two parts. In s. Above 0.

    Example:
        >>> from leadline.cost import Latency
        >>> Latency()
        Latency()
    """

    _half = "core"
    _name = "latency"

    def __init__(
        self, *, queries: int = 1024, warm_up: int = 16, batch_size: int = 0, seconds: float = 10.0
    ) -> None:
        super().__init__(queries=queries, warm_up=warm_up, batch_size=batch_size, seconds=seconds)
