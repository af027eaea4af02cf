"""Adversarial examples that a run keeps in its folder, for anyone to check again."""

from __future__ import annotations

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
