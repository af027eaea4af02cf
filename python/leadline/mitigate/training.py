"""Adversarial training inside one's own loop, or by `fit`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from leadline._arguments import checked_call, number, whole
from leadline._progress import Callback, progress_display
from leadline.mitigate._fit import FitResult, Guard, tensors_of

__all__ = [
    "AdversarialTraining",
    "FastTraining",
    "FreeTraining",
    "PgdTraining",
    "TradesTraining",
]


def _half() -> Any:
    from leadline._load import torch_half

    return torch_half()


def _checked_threat(threat: Any, fields: dict[str, Any]) -> Any:
    """The threat, checked by the attack that it is for."""
    from leadline.robustness import Pgd

    return (Pgd(**fields) if threat is None else Pgd(threat, **fields))._inner


class AdversarialTraining:
    """What all four have in common; make one of them.

    The net must be a `torch.nn.Module` that takes inputs inside the bounds of the threat ([0, 1]
    where it has none: put normalisation into the net) and gives logits. While its examples are
    sought it is in evaluation mode and left as found: mode, buffers, `.grad`, torch's random state.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._trainee: tuple[Any, Any] = (None, None)

    def _of(self, net: Any) -> Any:
        if self._trainee[0] is not net:
            self._trainee = (net, _half().Trainee(net))
        return self._trainee[1]

    @checked_call
    def loss(self, net: Any, x: Any, y: Any) -> Any:
        """The loss of a minibatch: a scalar with its graph, for `backward()`.

        Args:
            net: the module that is trained.
            x: floats [n, ...] inside the bounds.
            y: classes [n].

        Raises:
            leadline.ValueError: a net without parameters, inputs outside the bounds.
            leadline.TypeError: no `torch.nn.Module`.
        """
        return self._inner.loss(self._of(net), x, y)

    @checked_call
    def losses(self, net: Any, x: Any, y: Any) -> Iterator[Any]:
        """One loss for each step of the optimiser: `replays` of them.

        for loss in training.losses(net, x, y):
            optimizer.zero_grad(); loss.backward(); optimizer.step()
        """
        for _ in range(self.replays):
            yield self.loss(net, x, y)

    @property
    def replays(self) -> int:
        """Steps of the optimiser for each minibatch: 1, but for `FreeTraining`."""
        return int(self._inner.replays)

    @property
    def calls(self) -> int:
        """Calls of `loss` so far, which key the random numbers; set it to go on after a stop."""
        return int(self._inner.calls)

    @calls.setter
    def calls(self, calls: int) -> None:
        self._inner.calls = whole(type(self).__name__, "calls", calls, 0)

    @checked_call
    def fit(
        self,
        net: Any,
        data: Any,
        *,
        epochs: int,
        optimizer: Any,
        batch_size: int = 128,
        seed: int = 0,
        watch: Any = None,
        after_step: Callable[[], Any] | None = None,
        progress: bool | Callback = True,
    ) -> FitResult:
        """Trains `net` in place and puts its modes back.

        Args:
            net: the module.
            data: (x, y) as arrays or tensors, or a `leadline.Dataset` of known size.
            epochs: passes over the data; `FreeTraining` takes `replays` steps a minibatch in each.
            optimizer: of the parameters of `net`.
            batch_size: rows a minibatch.
            seed: of the order.
            watch: (x, y) of held-out rows, `FastTraining` only: a collapse stops the training and
                puts the weights of the best watch back.
            after_step: called after each step of the optimiser, e.g. `scheduler.step`.
            progress: True shows a bar where a person looks.
        """
        import torch

        x, y = tensors_of(data)
        size, n = whole("fit", "batch_size", batch_size, 1), len(x)
        whole("fit", "epochs", epochs, 1)
        device = next((p.device for p in net.parameters()), torch.device("cpu"))
        generator = torch.Generator().manual_seed(seed)
        result, guard = FitResult(), Guard(self, net, watch, device)
        modes = [(module, module.training) for module in net.modules()]
        began, steps = time.monotonic(), 0
        result.watches += guard.look()
        try:
            with progress_display(progress) as show:
                for epoch in range(epochs):
                    net.train()
                    total = 0.0
                    order = torch.randperm(n, generator=generator)
                    for rows in torch.split(order, size):
                        xs, ys = x[rows].to(device), y[rows].to(device)
                        for loss in self.losses(net, xs, ys):
                            optimizer.zero_grad()
                            loss.backward()
                            optimizer.step()
                            if after_step is not None:
                                after_step()
                            total += loss.item() * len(rows) / self.replays
                        steps += 1
                        if show is not None:
                            stage = f"epoch {epoch + 1}"
                            show(stage, steps, epochs * -(-n // size), time.monotonic() - began)
                    result.losses.append(total / n)
                    result.watches += guard.look()
                    if guard.collapsed:
                        result.stopped = (
                            f"epoch {epoch + 1}: {result.watches[-1].check.why}; the weights are "
                            "those of the best watch"
                        )
                        break
        finally:
            for module, training in modes:
                module.training = training
        return result


class PgdTraining(AdversarialTraining):
    """Cross-entropy where projected gradient descent ends (Madry et al. 2018).

    Args:
        threat: a `robustness.Threat` with one budget, or its fields: norm=, eps=, bounds=, ...
        steps: of the attack in each step of the training.
        step_size: none: 2.5 * eps / steps.
        seed: of the random starts, keyed by (seed, call, row).

    Example:
        >>> import torch
        >>> from leadline import mitigate
        >>> _ = torch.manual_seed(0)
        >>> net = torch.nn.Linear(4, 2)
        >>> training = mitigate.PgdTraining(eps=0.05, steps=3)
        >>> loss = training.loss(net, torch.rand(8, 4), torch.arange(8) % 2)
        >>> loss.backward(); loss.shape, net.weight.grad is not None
        (torch.Size([]), True)
    """

    def __init__(
        self,
        threat: Any = None,
        *,
        steps: int = 10,
        step_size: float | None = None,
        seed: int = 0,
        **fields: Any,
    ) -> None:
        size = None if step_size is None else number("PgdTraining", "step_size", step_size, "0.01")
        steps = whole("PgdTraining", "steps", steps, 1)
        super().__init__(_half().PgdTraining(_checked_threat(threat, fields), steps, size, seed))


class TradesTraining(AdversarialTraining):
    """Cross-entropy plus beta times the divergence that small changes cause (Zhang et al. 2019).

    Args:
        threat: as of `PgdTraining`.
        steps: of the attack, which climbs KL(p(x) || p(x')).
        step_size: none: 2.5 * eps / steps.
        beta: larger: more robust, less accurate; 1 to 6.
        seed: of the starts.
    """

    def __init__(
        self,
        threat: Any = None,
        *,
        steps: int = 10,
        step_size: float | None = None,
        beta: float = 6.0,
        seed: int = 0,
        **fields: Any,
    ) -> None:
        who = "TradesTraining"
        size = None if step_size is None else number(who, "step_size", step_size, "0.01")
        like = _checked_threat(threat, fields)
        steps, beta = whole(who, "steps", steps, 1), number(who, "beta", beta, "6.0")
        super().__init__(_half().TradesTraining(like, steps, size, beta, seed))


class FreeTraining(AdversarialTraining):
    """One backward pass for weights and perturbation, each minibatch replayed (Shafahi et al. 2019).

    Ask for `losses`, not `loss`: one step of the optimiser each. Nothing is drawn at random.

    Args:
        threat: as of `PgdTraining`; linf or l2.
        replays: of each minibatch; divide the epochs by it.
    """

    def __init__(self, threat: Any = None, *, replays: int = 4, **fields: Any) -> None:
        like = _checked_threat(threat, fields)
        super().__init__(_half().FreeTraining(like, whole("FreeTraining", "replays", replays, 1)))


class FastTraining(AdversarialTraining):
    """One sign step of 1.25 eps from a random start (Wong, Rice and Kolter 2020).

    It can collapse: the net learns to withstand the single step and nothing else. `watch` sees it;
    `fit(..., watch=(x, y))` stops there and goes back.

    Args:
        threat: as of `PgdTraining`.
        step_share: length of the step over eps.
        watch_steps: of the attack that watches.
        seed: of the random starts.
    """

    def __init__(
        self,
        threat: Any = None,
        *,
        step_share: float = 1.25,
        watch_steps: int = 10,
        seed: int = 0,
        **fields: Any,
    ) -> None:
        like = _checked_threat(threat, fields)
        share = number("FastTraining", "step_share", step_share, "1.25")
        steps = whole("FastTraining", "watch_steps", watch_steps, 1)
        super().__init__(_half().FastTraining(like, share, steps, seed))

    @checked_call
    def watch(self, net: Any, x: Any, y: Any) -> Any:
        """Attacks held-out rows, the same at every watch, with the single step and with PGD.

        Returns:
            `single_step_accuracy` and `pgd_accuracy` with intervals, `collapsed`, and the `check`
            that says so: of the rows that withstood PGD at the best watch so far more are lost than
            won (exact McNemar, 1 % over all watches; a tenth of the rows at least), while the single
            step does not see it.
        """
        return self._inner.watch(self._of(net), x, y)
