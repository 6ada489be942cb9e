# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One training run: optimiser, schedule by wall clock, running mean of the weights, checkpoints."""

from __future__ import annotations

from collections.abc import Callable
import csv
from pathlib import Path
import time

import torch
from torch import nn, Tensor
from tqdm import tqdm

from pose_machine_ros.errors import InputError
from pose_machine_ros.training import curves
from pose_machine_ros.training.workers import Workers

_WARMUP = 0.02  # share of the run
_EMA = 0.998
_CLIP = 1.0
_SAVE_SECONDS = 120.0
_LOG_STEPS = 50


class TrainingRun:
    """Trains `network` for a given time, counted over all resumed parts of the run.

    `loss(batch)` returns named terms whose sum is made small; `validate(network)` returns named
    figures. The learning rate rises, then falls along a cosine to zero at the end of the time.
    """

    def __init__(self, name: str, network: nn.Module, folder: Path, minutes: float,
                 learning_rate: float, workers: Workers) -> None:
        if minutes <= 0:
            raise InputError(f'a training run of {minutes} minutes is not usable; give more than 0')
        self._name, self._network, self._seconds = name, network, 60 * minutes
        self._peak, self._workers = learning_rate, workers
        self._optimizer = torch.optim.AdamW(
            (p for p in network.parameters() if p.requires_grad), learning_rate,
            weight_decay=0.01)
        self._mean = {n: p.detach().clone() for n, p in network.state_dict().items()}
        self._path = folder / f'{name}.pt'
        self._log_path = folder / f'{name}.csv'
        self.elapsed = 0.0
        self.step = 0
        folder.mkdir(parents=True, exist_ok=True)

    def resume(self) -> bool:
        """Go on from the folder's checkpoint; False where there is none."""
        if not self._path.exists():
            return False
        device = next(self._network.parameters()).device
        saved = torch.load(self._path, map_location=device, weights_only=True)
        self._network.load_state_dict(saved['network'])
        self._optimizer.load_state_dict(saved['optimizer'])
        self._mean = saved['mean']
        self.elapsed, self.step = saved['elapsed'], saved['step']
        return True

    def train(self, batches: object, loss: Callable[[object], dict[str, Tensor]],
              validate: Callable[[nn.Module], dict[str, float]]) -> dict[str, float]:
        """Train until the time is over; returns the last figures. The mean weights are loaded."""
        bar = tqdm(total=round(self._seconds), initial=round(self.elapsed), unit='s',
                   desc=self._name, disable=not self._workers.is_first)
        saved = mark = time.monotonic()
        sums: dict[str, list[float]] = {}
        while self.elapsed < self._seconds:
            self._set_learning_rate()
            self._network.train()
            terms = loss(next(batches))
            self._optimizer.zero_grad(set_to_none=True)
            sum(terms.values()).backward()
            self._workers.average_gradients(self._network.parameters())
            nn.utils.clip_grad_norm_(self._network.parameters(), _CLIP)
            self._optimizer.step()
            self.step += 1
            self._average()
            for key, term in terms.items():
                sums.setdefault(key, []).append(float(term.detach()))
            now = time.monotonic()
            self.elapsed, mark = self._workers.first_says(self.elapsed + now - mark), now
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
        self._network.load_state_dict(self._mean)
        self._network.eval()
        return validate(self._network)

    def _set_learning_rate(self) -> None:
        done = self.elapsed / self._seconds
        factor = min(1.0, (done + 1e-3) / _WARMUP)
        if done > _WARMUP:
            falling = (done - _WARMUP) / (1 - _WARMUP)
            factor = 0.5 * (1 + torch.cos(torch.tensor(torch.pi * min(1.0, falling))).item())
        for group in self._optimizer.param_groups:
            group['lr'] = self._peak * factor

    def _average(self) -> None:
        rate = min(_EMA, self.step / (self.step + 10))
        for name, value in self._network.state_dict().items():
            self._mean[name].lerp_(value, 1 - rate)

    def _save(self) -> None:
        if not self._workers.is_first:
            return
        partial = self._path.with_suffix('.part')
        torch.save({'network': self._network.state_dict(), 'mean': self._mean,
                    'optimizer': self._optimizer.state_dict(), 'elapsed': self.elapsed,
                    'step': self.step}, partial)
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
        # Not every batch has every term: after a resumption the first rows may lack one.
        columns = list(dict.fromkeys(name for r in rows for name in r))
        with self._log_path.open('w', newline='') as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
