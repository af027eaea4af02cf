"""The command line: `leadline evaluate`, `compare`, `report`, `policy lock`, `catalog`.

Exit codes of `evaluate`: 0 all requirements met (or none asked), 1 one is not met or undecided, 2 an
error. Exit codes of `compare`: 0 better or as good within the margin, 1 worse, 2 undecided, 3 an error.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

import leadline

app = typer.Typer(
    help="Measures how far a deep-learning model can be trusted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
policy_app = typer.Typer(help="Limits, fixed before the first look.", no_args_is_help=True)
app.add_typer(policy_app, name="policy")


def _version(value: bool) -> None:
    if value:
        typer.echo(f"leadline {leadline.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it and stop.")
    ] = False,
) -> None:
    """Measures how far a deep-learning model can be trusted."""


def _model(text: str) -> Any:
    """A path of a model file, or `module:function`, which is called when it is no model yet."""
    module, colon, name = text.rpartition(":")
    if not colon or os.path.exists(text):
        return text
    sys.path.insert(0, os.getcwd())
    try:
        found = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise leadline.ValueError(
            "leadline evaluate",
            "a model file or module:function",
            f"'{text}': {error}",
            "write e.g. my_package.models:make_net, from the folder that holds it",
        ) from error
    if isinstance(found, type) or (callable(found) and _is_factory(found)):
        return found()
    return found


def _is_factory(function: Any) -> bool:
    """A plain function without required arguments makes the model; anything else is the model."""
    import inspect

    if not inspect.isfunction(function):
        return False
    parameters = inspect.signature(function).parameters.values()
    return all(
        p.default is not p.empty or p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters
    )


def _also(items: list[str]) -> dict[str, leadline.Dataset]:
    out = {}
    for item in items:
        role, equals, path = item.partition("=")
        if not equals:
            raise leadline.ValueError(
                "leadline evaluate",
                "--also role=path.npz",
                f"'{item}'",
                "e.g. --also fit=train.npz",
            )
        out[role] = leadline.Dataset(path)
    return out


def _bounds(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise leadline.ValueError(
            "leadline evaluate", "--bounds least,greatest", f"'{text}'", "e.g. --bounds 0,1"
        ) from None
    return low, high


def _write(report: leadline.Report, out: Path) -> None:
    for name in ("report.html", "report.json", "report.md"):
        report.save(out / name)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="TorchScript .pt, .pt2, or module:function.")],
    data: Annotated[
        str, typer.Argument(help="A .npz file with x and y, and class_names and bounds if known.")
    ],
    suite: Annotated[
        str, typer.Option(help="quick, standard, deep, or names of probes, by commas.")
    ] = "quick",
    policy: Annotated[Path | None, typer.Option(help="TOML file of limits.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Run directory; reports are written there.")
    ] = None,
    seed: int = 0,
    batch_size: int = 128,
    also: Annotated[list[str] | None, typer.Option(help="role=path.npz; repeatable.")] = None,
    time_budget: Annotated[float | None, typer.Option(help="Seconds for the whole run.")] = None,
    output: Annotated[
        str | None, typer.Option(help="logits, probabilities, labels or values.")
    ] = None,
    bounds: Annotated[
        str, typer.Option(help="Least and greatest value of an input, e.g. 0,1: attacks need them.")
    ] = "",
    title: str = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no summary.")] = False,
) -> None:
    """Evaluate MODEL on DATA, print the summary, write reports, judge by the policy."""
    named = suite in ("quick", "standard", "deep")
    report = leadline.evaluate(
        _model(model),
        leadline.Dataset(data, bounds=_bounds(bounds)),
        suite=suite if named else [name.strip() for name in suite.split(",")],
        also=_also(also or []),
        seed=seed,
        batch_size=batch_size,
        out=out,
        policy=policy,
        time_budget=time_budget,
        progress=not quiet,
        title=title or None,
        output=output,
    )
    if out is not None:
        _write(report, out)
    if not quiet:
        typer.echo(report.summary())
    if report.partial:
        typer.echo(f"leadline: partial report: {report.partial_why}", err=True)
    raise typer.Exit(code=int(any(v.outcome != "met" for v in report.verdicts)))


@app.command()
def compare(
    a: Annotated[
        str, typer.Argument(help="The run of the model in use: report.json, or its folder.")
    ],
    b: Annotated[str, typer.Argument(help="The run of the candidate, on the same data.")],
    margin: Annotated[
        float | None, typer.Option(help="How much worse the candidate may be, e.g. 0.01.")
    ] = None,
    metric: Annotated[str, typer.Option(help="What decides; default accuracy.")] = "",
    history: Annotated[Path | None, typer.Option(help="Nightly gate: a file that is kept.")] = None,
    data: Annotated[Path | None, typer.Option(help="A .npz file, for the pictures.")] = None,
    slices: Annotated[str, typer.Option(help="Columns to test by group, by commas.")] = "",
    level: Annotated[float, typer.Option(help="Of the intervals.")] = 0.95,
    seed: int = 0,
    out: Annotated[
        Path | None, typer.Option(help="Write the report there: .html, .json, .md.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No summary.")] = False,
) -> None:
    """Say whether run B is better, worse or as good as run A.

    Exit codes: 0 better or as good within the margin, 1 worse, 2 undecided, 3 an error.
    """
    found = leadline.compare(
        a,
        b,
        None if data is None else leadline.Dataset(data),
        margin=margin,
        metric=metric,
        history=history,
        slices=[name.strip() for name in slices.split(",") if name.strip()],
        level=level,
        seed=seed,
    )
    if out is not None:
        found.save(out)
    if not quiet:
        typer.echo(found.summary())
    typer.echo(f"{found.verdict}: {found.why}")
    raise typer.Exit(code={"worse": 1, "undecided": 2}.get(found.verdict, 0))


@app.command("report")
def report_command(
    file: Annotated[Path, typer.Argument(help="A report.json.")],
    html: Annotated[Path | None, typer.Option(help="Write HTML there.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write Markdown there.")] = None,
) -> None:
    """Render a saved report."""
    report = leadline.Report.load(file)
    if html is not None:
        report.save(html)
    if markdown is not None:
        report.save(markdown)
    if html is None and markdown is None:
        typer.echo(report.to_markdown())


@app.command()
def catalog(
    kind: Annotated[str | None, typer.Option(help="metric, probe, ...")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    no_torch: Annotated[bool, typer.Option("--no-torch", help="Leave the torch half out.")] = False,
) -> None:
    """List what can be asked for by name."""
    entries = leadline.catalog(torch=False if no_torch else None)
    entries = [entry for entry in entries if kind is None or entry["kind"] == kind]
    if as_json:
        typer.echo(json.dumps(entries, indent=1))
        return
    width = max((len(entry["name"]) for entry in entries), default=0)
    for entry in sorted(entries, key=lambda e: (e["kind"], e["name"])):
        first = entry["doc"].partition("\n")[0]
        typer.echo(f"{entry['kind']:<9} {entry['name']:<{width}}  {first}")


@policy_app.command("lock")
def policy_lock(file: Annotated[Path, typer.Argument(help="A policy TOML file.")]) -> None:
    """Fix hash and time in FILE."""
    policy = leadline.Policy.load(file)
    policy.lock()
    policy.save(file)
    typer.echo(f"{file}: locked {policy.locked_at}, {policy.hash}")


@policy_app.command("show")
def policy_show(file: Annotated[Path, typer.Argument(help="A policy TOML file.")]) -> None:
    """Print the requirements of FILE."""
    policy = leadline.Policy.load(file)
    for r in policy.requirements:
        typer.echo(f"{r.estimate} {r.comparison} {r.limit:g}{' @' + r.slice if r.slice else ''}")
    typer.echo(f"locked {policy.locked_at}" if policy.locked else "not locked")


def main(arguments: list[str] | None = None) -> None:
    """Entry point: errors print one line and exit with 2; with 3 in `compare`, where 2 is a verdict."""
    given = sys.argv[1:] if arguments is None else arguments
    comparing = given[:1] == ["compare"]
    try:
        app(given, standalone_mode=True)
    except (leadline.Error, ImportError) as error:
        typer.echo(f"leadline: {error}", err=True)
        raise SystemExit(3 if comparing else 2) from None
    except SystemExit as stop:
        context_error = stop.__context__ is not None and type(stop.__context__).__name__ != "Exit"
        if comparing and stop.code == 2 and context_error:  # a wrong option, not a verdict
            raise SystemExit(3) from None
        raise


if __name__ == "__main__":
    main()
