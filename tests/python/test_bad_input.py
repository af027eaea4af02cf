"""Bad input and bad luck around evaluate(): disks, directories, signals, data, devices."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import toys

import leadline

ROOT = Path(__file__).resolve().parents[2]
QUIET = {"progress": False, "output": "logits"}


def four_parts(error: leadline.Error) -> None:
    assert error.where and error.expected and error.got and error.remedy, str(error)


def in_child(code: str, folder: Path, **how) -> subprocess.CompletedProcess:
    """Runs `code` in a Python of its own, with toys and leadline at hand."""
    script = folder / "child.py"
    script.write_text("import sys\nsys.path.insert(0, sys.argv[1])\n" + textwrap.dedent(code))
    return subprocess.run(
        [sys.executable, str(script), str(Path(__file__).parent), str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
        capture_output=True,
        text=True,
        timeout=120,
        **how,
    )


def small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))


# ---- disks and directories -------------------------------------------------------------------


def test_a_disk_that_fills_up_is_a_store_error_and_loses_nothing_that_was_saved(tmp_path):
    out = tmp_path / "run"
    run = """
        import toys, leadline
        data = toys.data(600)
        try:
            report = leadline.evaluate(toys.logits, data, suite=[toys.Errors(), toys.NoisyVotes()],
                                       out=sys.argv[2] + "/run", output="logits", progress=False)
            print("done", report["errors.rate"].value)
        except leadline.StoreError as error:
            assert isinstance(error, OSError) and error.remedy
            print("full", error)
    """
    full = in_child(run, tmp_path, preexec_fn=small_files)
    assert full.stdout.startswith("full") and "file size limit" in full.stdout, full.stderr
    assert not list(out.rglob("*.tmp")) and (out / "run.json").exists()
    again = in_child(run, tmp_path)
    whole = leadline.evaluate(toys.logits, toys.data(600), suite=[toys.Errors()], **QUIET)
    assert again.stdout.split() == ["done", str(whole["errors.rate"].value)], again.stderr


@pytest.mark.parametrize("name", ["r.html", "r.json", "r.md"])
def test_a_report_on_a_full_disk_is_a_store_error_and_the_old_file_stays(tmp_path, name):
    (tmp_path / name).write_text("old")
    child = in_child(
        f"""
        import toys, leadline
        report = leadline.evaluate(toys.logits, toys.data(50), suite=[toys.Errors()],
                                   output="logits", progress=False, title="t" * 9000)
        import leadline._html
        try:
            report.save(sys.argv[2] + "/{name}")
        except leadline.StoreError as error:
            print("full", error.remedy)
        """,
        tmp_path,
        preexec_fn=small_files,
    )
    assert child.stdout.startswith("full ") and len(child.stdout) > 10, child.stderr
    assert (tmp_path / name).read_text() == "old"
    assert {p.name for p in tmp_path.iterdir()} <= {name, "child.py"}


def test_a_directory_that_cannot_be_written_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "file").write_text("no directory")
    calls = []
    for out in (tmp_path / "file" / "run", Path("/proc/leadline")):
        with pytest.raises(leadline.StoreError) as caught:
            leadline.evaluate(
                lambda x: calls.append(1) or toys.logits(x),
                toys.data(),
                suite=[toys.Errors()],
                out=out,
                **QUIET,
            )
        four_parts(caught.value)
        assert isinstance(caught.value, OSError) and str(out) in str(caught.value)
    assert not calls


def test_two_runs_in_one_directory_at_once_are_refused(tmp_path):
    seen = []

    def model(x):
        if not seen:
            seen.append(None)
            with pytest.raises(leadline.StoreError) as caught:
                leadline.evaluate(
                    toys.logits, toys.data(), suite=[toys.Errors()], out=tmp_path, **QUIET
                )
            seen.append(caught.value)
        return toys.logits(x)

    report = leadline.evaluate(model, toys.data(), suite=[toys.Errors()], out=tmp_path, **QUIET)
    assert report["errors.rate"].ok
    four_parts(seen[1])
    assert "no other run holds" in str(seen[1])


# ---- data ------------------------------------------------------------------------------------


class Fails(leadline.Dataset):
    """Fails at its batch 7 until it is repaired."""

    broken = True

    def info(self):
        return {"size": 200, "name": "fails"}

    def batch(self, ids):
        self.calls = getattr(self, "calls", 0) + 1
        if self.broken and self.calls == 9:  # the first one is a look at the data
            raise OSError("cable pulled")
        x = np.asarray(ids, dtype=float)[:, None] @ np.ones((1, 2)) / 100 - 1
        return x, (x[:, 0] > 0).astype("int64")


def test_data_that_fails_at_batch_seven_names_batch_and_ids_and_goes_on_repaired(tmp_path):
    data = Fails()
    run = {"suite": [toys.Errors()], "batch_size": 10, "out": tmp_path, **QUIET}
    report = leadline.evaluate(toys.logits, data, **run)
    assert report.partial and report.finding("errors").status == "failed"
    why = report.finding("errors").why
    assert "at batch 7, 10 samples with ids " in why and "cable pulled" in why, why
    data.broken = False
    again = leadline.evaluate(toys.logits, data, **run)
    assert not again.partial and again["errors.rate"].n == 200


def test_an_error_of_a_users_model_names_batch_and_samples():
    def model(x):
        if len(x) < 128:
            raise RuntimeError("odd batch")
        return toys.logits(x)

    report = leadline.evaluate(model, toys.data(150), suite=[toys.Errors()], **QUIET)
    why = report.finding("errors").why
    assert "batch 1 of 'test', 22 samples with ids " in why and "odd batch" in why, why


# ---- exceptions keep their cause -------------------------------------------------------------


def test_an_exception_of_user_code_is_the_cause_of_ours():
    class Broken(leadline.Dataset):
        def info(self):
            raise KeyError("size")

    with pytest.raises(leadline.Error) as caught:
        leadline.evaluate(toys.logits, Broken(), suite=[toys.Errors()], **QUIET)
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.value.__cause__.__traceback__ is not None
    assert "Broken.info" in str(caught.value) and "test_bad_input.py" in str(caught.value)

    box = leadline.as_model(lambda x: x.nothing, arrays="numpy", name="box")
    with pytest.raises(leadline.Error) as caught:
        box.forward(np.zeros((2, 2)))
    assert isinstance(caught.value.__cause__, AttributeError)


def test_an_error_of_leadline_raised_by_user_code_comes_back_as_itself():
    mine = leadline.DataError("shop", "a till", "none", "buy one")

    class Broken(leadline.Dataset):
        def info(self):
            raise mine

    with pytest.raises(leadline.DataError) as caught:
        leadline.evaluate(toys.logits, Broken(), suite=[toys.Errors()], **QUIET)
    assert caught.value is mine


# ---- subjects and sessions -------------------------------------------------------------------


class Noticing(leadline.Model):
    def info(self):
        return {"name": "noticing", "output": "logits"}

    def forward(self, inputs, taps):
        return toys.logits(inputs)

    def notes(self):
        return [*super().notes(), "ran hot"]


def test_a_python_model_tells_the_report_what_it_noticed():
    report = leadline.evaluate(Noticing(), toys.data(), suite=[toys.Errors()], progress=False)
    assert report.fact("model.note") == "ran hot"
    assert (
        Noticing().notes() == ["ran hot"]
        and leadline.as_model(toys.logits, arrays="numpy").notes() == []
    )

    class Wrong(Noticing):
        def notes(self):
            return 3

    with pytest.raises(leadline.TypeError, match="Wrong.notes: expected a list of texts"):
        leadline.evaluate(Wrong(), toys.data(), suite=[toys.Errors()], progress=False)


def test_data_of_a_session_may_be_kept_and_what_was_lent_may_not():
    kept = []

    class Keeps(toys.Errors):
        def start(self, session):
            kept.append(session.data())
            kept.append(session.table)
            return super().start(session)

    def run():
        leadline.evaluate(toys.logits, toys.data(40), suite=[Keeps()], **QUIET)

    run()
    data, table = kept
    assert data.batch(np.arange(40)).x.shape == (40, 2) and len(data) == 40
    with pytest.raises(leadline.ValueError, match="inside the call"):
        table.has("loss")


# ---- signals ---------------------------------------------------------------------------------


def test_a_second_ctrl_c_raises_keyboard_interrupt(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys, time
            sys.path.insert(0, sys.argv[1])
            import toys, leadline
            class Slow(toys.Errors):
                class Run(toys.ErrorsRun):
                    def finish(self, session):
                        print("finishing", flush=True)
                        time.sleep(30)
                        return super().finish(session)
                def start(self, session):
                    return self.Run()
            def slow(x):
                print("batch", flush=True)
                time.sleep(0.05)
                return toys.logits(x)
            try:
                leadline.evaluate(slow, toys.data(3000), suite=[Slow()], batch_size=10,
                                  output="logits", progress=False)
                print("returned", flush=True)
            except KeyboardInterrupt:
                print("interrupted", flush=True)
            """
        )
    )
    process = subprocess.Popen(
        [sys.executable, str(script), str(Path(__file__).parent)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(3):
        assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    while process.stdout.readline().strip() == "batch":
        pass
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert out.strip() == "interrupted"


def test_class_numbers_that_came_as_floats_are_named_as_such():
    x = np.random.default_rng(0).normal(size=(30, 3))
    labels = (x[:, 0] > 0).astype("float32")
    with pytest.raises(leadline.TypeError, match=r"target.*float32.*3 outputs.*y\.long\(\)"):
        leadline.evaluate(lambda x: x @ np.eye(3), (x, labels), suite=["task"], progress=False)
    values = leadline.evaluate(lambda x: x[:, 0], (x, labels), suite=["task"], progress=False)
    assert values.finding("task").status == "not_measured"  # one output a sample: a regression
