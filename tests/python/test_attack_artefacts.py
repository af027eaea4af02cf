"""Adversarial examples that a run keeps in its folder, for anyone to check again."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from trust.worlds import picture_net, pictures  # noqa: E402

import leadline  # noqa: E402
from leadline import robustness as rb  # noqa: E402

EPS = 0.1


def kept_table(report, probe="pgd"):
    return [
        block
        for block in report.finding(probe).blocks
        if getattr(block, "title", "") == "Adversarial examples that were kept"
    ]


def test_a_run_with_a_folder_keeps_what_it_verified(tmp_path):
    net, data = picture_net(3), pictures(3, 60)
    report = leadline.evaluate(
        net,
        data.dataset(),
        suite=[rb.Pgd(eps=EPS), rb.Square(eps=EPS, queries=200, check_samples=24)],
        out=str(tmp_path / "run"),
        progress=False,
    )
    for probe in ("pgd", "square"):
        (table,) = kept_table(report, probe)
        files = {row[0]: row for row in table.rows}
        assert set(files) == {f"artefacts/{probe}/{f}.npy" for f in ("examples", "ids")}
        folder = tmp_path / "run" / "artefacts" / probe
        changed, ids = np.load(folder / "examples.npy"), np.load(folder / "ids.npy")
        assert changed.dtype == np.float32 and changed.shape[1:] == data.x.shape[1:]
        assert len(changed) == len(ids) == len(set(ids)) > 5
        assert all(row[1] == len(ids) and row[2].startswith("xxh3:") for row in files.values())
        assert np.abs(changed.astype(np.float64) - data.x[ids]).max() <= EPS * (1 + 1e-6)
        with torch.no_grad():
            answer = net(torch.tensor(changed)).argmax(1).numpy()
        assert (answer != data.y[ids]).all()


def test_a_run_without_a_folder_keeps_nothing_and_counts_the_same(tmp_path):
    net, data = picture_net(3), pictures(3, 40).dataset()
    with_folder = leadline.evaluate(
        net, data, suite=[rb.Pgd(eps=EPS)], out=str(tmp_path / "run"), progress=False
    )
    without = leadline.evaluate(net, data, suite=[rb.Pgd(eps=EPS)], progress=False)
    assert kept_table(without) == []
    for estimate in without.finding("pgd").estimates:
        assert str(estimate.estimate) == str(with_folder.finding("pgd")[estimate.name])


def test_a_probe_written_in_python_finds_its_folder(tmp_path):
    seen = []

    class Keeps(leadline.Probe):
        def info(self):
            return {"name": "keeps", "question": "What is kept?", "access": "labels"}

        def start(self, session):
            seen.append(session.artefact_folder)

            class Run(leadline.ProbeRun):
                def next_pass(self):
                    return None

                def finish(self, session):
                    return leadline.Finding(headline="kept")

            return Run()

    data = leadline.Dataset(np.zeros((4, 2)), np.zeros(4, dtype=int))
    model = lambda x: np.zeros((len(x), 2))  # noqa: E731
    leadline.evaluate(model, data, suite=[Keeps()], out=str(tmp_path / "run"), progress=False)
    leadline.evaluate(model, data, suite=[Keeps()], progress=False)
    assert seen == [str(tmp_path / "run" / "artefacts" / "keeps"), None]
    assert (tmp_path / "run" / "artefacts" / "keeps").is_dir()


def read_kept(run, probe="pgd"):
    """Sample id -> the example kept of it."""
    folder = Path(run) / "artefacts" / probe
    ids = np.load(folder / "ids.npy")
    return dict(zip(ids.tolist(), np.load(folder / "examples.npy"), strict=True))


def check_kept(kept, net, data):
    ids = np.array(list(kept))
    changed = np.stack(list(kept.values()))
    assert np.abs(changed.astype(np.float64) - data.x[ids]).max() <= EPS * (1 + 1e-6)
    with torch.no_grad():
        answer = net(torch.tensor(changed)).argmax(1).numpy()
    assert (answer != data.y[ids]).all()


def test_shards_keep_the_examples_of_the_whole_run(tmp_path):
    net, data = picture_net(3), pictures(3, 60)
    run = {"suite": [rb.Pgd(eps=EPS)], "progress": False}
    leadline.evaluate(net, data.dataset(), out=str(tmp_path / "whole"), **run)
    whole, seen = read_kept(tmp_path / "whole"), set()
    for rank in range(3):
        place = tmp_path / f"shard{rank}"
        leadline.evaluate(net, data.dataset(), shard=(rank, 3), out=str(place), **run)
        part = read_kept(place)
        assert part and not seen & set(part)
        seen |= set(part)
        check_kept(part, net, data)
        for sample, example in part.items():
            np.testing.assert_array_equal(example, whole[sample])
    assert seen == set(whole)


def test_a_run_that_was_killed_and_resumed_keeps_the_examples_of_one_run(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            """
            import os, sys
            sys.path.insert(0, sys.argv[1])
            from trust.worlds import picture_net, pictures
            import leadline

            net, left = picture_net(3), [int(sys.argv[3])]
            def count(module, inputs):
                left[0] -= 1
                if left[0] == 0:
                    os._exit(7)
            net.register_forward_pre_hook(count)
            leadline.evaluate(net, pictures(3, 60).dataset(), suite=[leadline.robustness.Pgd(eps=0.1)],
                              out=sys.argv[2], batch_size=8, progress=False)
            """
        )
    )

    def run(place, forwards):
        here = Path(__file__).parent
        return subprocess.run(
            [sys.executable, str(script), str(here), str(tmp_path / place), str(forwards)],
            env={**os.environ, "PYTHONPATH": str(here.parents[1] / "python")},
            check=False,
        ).returncode

    assert run("whole", 0) == 0
    assert run("killed", 150) == 7
    assert not (tmp_path / "killed" / "report.json").exists()
    assert run("killed", 0) == 0
    whole, resumed = read_kept(tmp_path / "whole"), read_kept(tmp_path / "killed")
    check_kept(resumed, picture_net(3), pictures(3, 60))
    assert list(whole) == list(resumed)
    for sample, example in resumed.items():
        np.testing.assert_array_equal(example, whole[sample])
