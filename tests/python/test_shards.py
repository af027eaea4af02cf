"""Sharding, resuming and run directories from Python."""

from __future__ import annotations

import pytest
import toys

import leadline

QUIET = {"progress": False, "output": "logits"}


def suite():
    return [toys.Errors(), toys.NoisyVotes(), toys.CountMean(), "accuracy"]


def test_shards_join_to_the_answer_of_one_run(tmp_path):
    whole = leadline.evaluate(toys.logits, toys.data(), suite=suite(), **QUIET)
    places = []
    for rank in range(3):
        places.append(tmp_path / f"shard{rank}")
        leadline.evaluate(
            toys.logits, toys.data(), suite=suite(), shard=(rank, 3), out=places[-1], **QUIET
        )
    joined = leadline.merge_shards(toys.logits, toys.data(), places, suite=suite(), output="logits")
    assert joined.estimates == whole.estimates and not joined.partial
    part = leadline.merge_shards(
        toys.logits, toys.data(), places[:2], suite=suite(), output="logits"
    )
    assert part.partial and part["errors.rate"].n < 300


def test_a_directory_of_another_run_and_one_that_cannot_be_made_are_store_errors(tmp_path):
    leadline.evaluate(toys.logits, toys.data(), suite=[toys.Errors()], out=tmp_path / "a", **QUIET)
    with pytest.raises(leadline.StoreError):
        leadline.evaluate(
            toys.logits, toys.data(), suite=["accuracy"], out=tmp_path / "a", seed=1, **QUIET
        )
    (tmp_path / "file").write_text("")
    with pytest.raises(leadline.StoreError):
        leadline.evaluate(
            toys.logits, toys.data(), suite=["accuracy"], out=tmp_path / "file/x", **QUIET
        )
