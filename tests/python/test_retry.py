"""A resumed run tries again what failed."""

from __future__ import annotations

import toys

import leadline

QUIET = {"progress": False, "output": "logits"}


def test_what_failed_is_tried_again_when_the_run_is_resumed(tmp_path):
    broken, calls = [True], []

    def model(x):
        calls.append(1)
        if broken[0]:
            raise MemoryError("planted")
        return toys.logits(x)

    run = {"suite": [toys.Errors(), toys.NoisyVotes()], "out": tmp_path, **QUIET}
    first = leadline.evaluate(model, toys.data(), **run)
    assert [f.status for f in first.findings] == ["failed", "failed", "failed"]
    broken[0] = False
    second = leadline.evaluate(model, toys.data(), **run)
    assert [f.status for f in second.findings] == ["ok", "ok", "ok"]
    assert "MemoryError: planted" in second.provenance["run.retried.errors"]
    whole = leadline.evaluate(model, toys.data(), suite=run["suite"], **QUIET)
    assert second.estimates == whole.estimates
    calls.clear()
    third = leadline.evaluate(model, toys.data(), **run)
    assert third.estimates == second.estimates and len(calls) <= 2  # to know the model again
    assert "run.retried.errors" in third.provenance
