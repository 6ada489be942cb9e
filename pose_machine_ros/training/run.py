# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One training run: optimiser, schedule by elapsed time, mean of the weights, checkpoints."""

from __future__ import annotations

from collections.abc import Callable
import csv
import math
from pathlib import Path
import time

import torch
from torch import nn, Tensor
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from pose_machine_ros.errors import InputError
from pose_machine_ros.training import curves
from pose_machine_ros.training.workers import Workers

_WARM_UP = 0.02  # share of the run
_MAX_DECAY = 0.998  # of the mean of the weights
_MAX_GRADIENT_NORM = 1.0
_SAVE_SECONDS = 120.0
_LOG_STEPS = 50
_FORMAT = 2  # of the checkpoints

Loss = Callable[[object], dict[str, Tensor]]


class TrainingRun:
    """Trains `network` for a given time, counted over all resumed parts of the run.

    `loss(batch)` returns named terms whose sum is minimized; `validate(network)` returns named
    figures. The learning rate follows `learning_rate_factor`.
    """

    def __init__(self, name: str, network: nn.Module, folder: Path, minutes: float,
                 learning_rate: float, workers: Workers, weight_decay: float = 0.01) -> None:
        if minutes <= 0:
            raise InputError(f'minutes = {minutes} of a training run must be positive')
        self._name, self._network, self._seconds = name, network, 60 * minutes
        self._workers = workers
        self._optimizer = torch.optim.AdamW(
            (p for p in network.parameters() if p.requires_grad), learning_rate,
            weight_decay=weight_decay)
        self._mean = mean_weights(network)
        self._path = folder / f'{name}.pt'
        self._log_path = folder / f'{name}.csv'
        self.elapsed = 0.0
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> bool:
        """Continue from the checkpoint in the folder; return False if there is none.

        Raises InputError if an older version of this package wrote the checkpoint.
        """
        if not self._path.exists():
            return False
        device = next(self._network.parameters()).device
        saved = torch.load(self._path, map_location=device, weights_only=True)
        if saved.get('format') != _FORMAT:
            raise InputError(
                f'{self._path} is a checkpoint of another version of this package and cannot be '
                'resumed; choose another --out, or delete the checkpoint to start again')
        self._network.load_state_dict(saved['network'])
        self._optimizer.load_state_dict(saved['optimizer'])
        self._mean.load_state_dict(saved['mean'])
        self.elapsed, self.step = saved['elapsed'], saved['step']
        return True

    def train(self, batches: object, loss: Loss,
              validate: Callable[[nn.Module], dict[str, float]]) -> dict[str, float]:
        """Train until the time is over, load the mean weights and return the last figures."""
        bar = tqdm(total=round(self._seconds), initial=round(self.elapsed), unit='s',
                   desc=self._name, disable=not self._workers.is_first)
        # The rate depends on the elapsed time alone, so that there is no state to save.
        schedule = LambdaLR(self._optimizer,
                            lambda _: learning_rate_factor(self.elapsed / self._seconds))
        terms_of = self._workers.parallel(_NetworkWithLoss(self._network, loss))
        saved = mark = time.monotonic()
        sums: dict[str, list[float]] = {}
        while self.elapsed < self._seconds:
            self._network.train()
            terms = terms_of(next(batches))
            self._optimizer.zero_grad(set_to_none=True)
            sum(terms.values()).backward()
            nn.utils.clip_grad_norm_(self._network.parameters(), _MAX_GRADIENT_NORM)
            self._optimizer.step()
            self.step += 1
            self._mean.update_parameters(self._network)
            for key, term in terms.items():
                sums.setdefault(key, []).append(float(term.detach()))
            now = time.monotonic()
            self.elapsed, mark = self._workers.of_first(self.elapsed + now - mark), now
            schedule.step()
            bar.n = min(round(self.elapsed), bar.total)
            bar.refresh()
            if self.step % _LOG_STEPS == 0:
                means = {key: sum(values) / len(values) for key, values in sums.items()}
                bar.set_postfix({k: f'{v:.4f}' for k, v in means.items()})
                self._log({'step': self.step, 'seconds': round(self.elapsed), **means})
                sums = {}
            if now - saved > _SAVE_SECONDS:
                self._save()
                saved = time.monotonic()
        self._save()
        bar.close()
        self._network.load_state_dict(self._mean.module.state_dict())
        self._network.eval()
        return validate(self._network)

    def _save(self) -> None:
        if not self._workers.is_first:
            return
        partial = self._path.with_suffix('.part')
        torch.save({'format': _FORMAT, 'network': self._network.state_dict(),
                    'mean': self._mean.state_dict(), 'optimizer': self._optimizer.state_dict(),
                    'elapsed': self.elapsed, 'step': self.step}, partial)
        partial.replace(self._path)
        curves.draw(self._log_path, self._log_path.with_suffix('.png'))

    def _log(self, row: dict[str, float]) -> None:
        if not self._workers.is_first:
            return
        rows = []
        if self._log_path.exists():
            with self._log_path.open(newline='') as file:
                rows = list(csv.DictReader(file))
        rows.append(row)
        # Not every batch has every term: in a resumed run the first rows may lack one.
        columns = list(dict.fromkeys(name for r in rows for name in r))
        with self._log_path.open('w', newline='') as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)


class _NetworkWithLoss(nn.Module):
    """A network and its loss as one module.

    The losses call parts of the network. DistributedDataParallel needs one forward pass that
    contains all these calls and returns the terms that depend on the parameters.
    """

    def __init__(self, network: nn.Module, loss: Loss) -> None:
        super().__init__()
        self.network = network
        self._loss = loss

    def forward(self, batch: object) -> dict[str, Tensor]:
        return self._loss(batch)


def learning_rate_factor(progress: float) -> float:
    """Return the share of the peak learning rate at `progress`, in [0, 1], of the run's time.

    It rises linearly over the first 2 % of the time and then falls along a cosine to 0.
    """
    if progress <= _WARM_UP:
        return min(1.0, (progress + 1e-3) / _WARM_UP)
    falling = min(1.0, (progress - _WARM_UP) / (1 - _WARM_UP))
    return 0.5 * (1 + math.cos(math.pi * falling))


def mean_weights(network: nn.Module) -> AveragedModel:
    """Return an exponential mean of the weights that starts from the network's own.

    At step n its decay is n / (n + 10), at most 0.998: the first weights are soon forgotten.
    """
    mean = AveragedModel(network, multi_avg_fn=_update_mean, use_buffers=True)
    mean.update_parameters(network)  # the first call only copies
    return mean


def _update_mean(means: list[Tensor], values: list[Tensor], step: Tensor) -> None:
    count = int(step)
    get_ema_multi_avg_fn(min(_MAX_DECAY, count / (count + 10)))(means, values, step)
