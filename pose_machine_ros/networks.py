# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The networks of pose machines, which have no state, so that machines can share them."""

from __future__ import annotations

from dataclasses import dataclass
import threading
from weakref import WeakValueDictionary

import torch

from pose_machine_ros.keypoints2d.batching import BatchingRunner
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import load_runners, Runners
from pose_machine_ros.lifting.lifter import load_recurrent_lifter
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter


@dataclass(frozen=True)
class Networks:
    """The networks of a pose machine; any number of threads may use them at the same time."""

    runners: Runners
    lifter: RecurrentLifter


class NetworkPool:
    """Lends networks to the pose machines of a process, the same ones to all that can share them.

    They are freed with the last machine that uses them. On a GPU, requests that several machines
    make at the same time are computed as one batch. On a CPU a batch of two takes as long as two
    single requests, so each is computed alone (`pose-machine benchmark --arrangements`).
    """

    def __init__(self, batch: bool | None = None) -> None:
        """Start empty; `batch` is whether to compute batches, None for a GPU only."""
        self._batch = batch
        self._lock = threading.Lock()
        self._lent: WeakValueDictionary[tuple, Networks] = WeakValueDictionary()

    def lend(self, config: Keypoints2DConfig, device: torch.device) -> Networks:
        """Return networks on `device`; raises WeightsError if their files are not usable."""
        key = (config.model, config.backend, config.threads, device)
        with self._lock:
            networks = self._lent.get(key)
            if networks is None:
                networks = load_networks(config, device)
                if device.type != 'cpu' if self._batch is None else self._batch:
                    runners = networks.runners
                    networks = Networks(
                        Runners(BatchingRunner(runners.singlepose),
                                BatchingRunner(runners.multipose), runners.backend),
                        networks.lifter)
                self._lent[key] = networks
            return networks


def load_networks(config: Keypoints2DConfig, device: torch.device) -> Networks:
    """Return networks for one machine only; raises WeightsError if their files are not usable."""
    return Networks(load_runners(config, device), load_recurrent_lifter(device))
