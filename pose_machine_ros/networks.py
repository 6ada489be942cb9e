# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The networks of pose machines, which have no state, so that machines can share them."""

from __future__ import annotations

from dataclasses import dataclass, replace
import threading
from weakref import WeakValueDictionary

import torch

from pose_machine_ros.keypoints2d.batching import BatchingRunner
from pose_machine_ros.keypoints2d.config import Keypoints2DConfig
from pose_machine_ros.keypoints2d.network import load_runners, Runners
from pose_machine_ros.lifting.appearance_network import AppearanceNetwork
from pose_machine_ros.lifting.lifter import load_appearance_network, load_recurrent_lifter
from pose_machine_ros.lifting.recurrent_lifter import RecurrentLifter


@dataclass(frozen=True)
class Networks:
    """The networks of a pose machine; any number of threads may use them at the same time."""

    runners: Runners
    lifter: RecurrentLifter
    appearance: AppearanceNetwork | None = None  # None: the pictures are not used


class NetworkPool:
    """Lends networks to the pose machines of a process, the same ones to all that can share them.

    They are freed with the last machine that uses them. Each request is computed alone: on a CPU a
    batch of two takes as long as two single requests (`pose-machine benchmark --arrangements`), and
    on a GPU every machine has CUDA graphs of its own, with the same weights.
    """

    def __init__(self, batch: bool = False) -> None:
        """Start empty; with `batch`, requests at the same time are one batch on a CPU."""
        self._batch = batch
        self._lock = threading.Lock()
        self._lent: WeakValueDictionary[tuple, Networks] = WeakValueDictionary()

    def lend(self, config: Keypoints2DConfig, device: torch.device, features: str = 'auto'
             ) -> Networks:
        """Return networks on `device`, with `features` as in `LiftingConfig`.

        Raises WeightsError if their files are not usable.
        """
        key = (config.model, config.backend, config.threads, device, features)
        with self._lock:
            networks = self._lent.get(key)
            if networks is None:
                networks = load_networks(config, device, features)
                if self._batch and device.type == 'cpu':
                    runners = networks.runners
                    networks = replace(networks, runners=runners._replace(
                        singlepose=BatchingRunner(runners.singlepose),
                        multipose=BatchingRunner(runners.multipose)))
                self._lent[key] = networks
            return networks


def load_networks(config: Keypoints2DConfig, device: torch.device, features: str = 'auto'
                  ) -> Networks:
    """Return networks for one machine only, with `features` as in `LiftingConfig`.

    Raises WeightsError if their files are not usable.
    """
    appearance = load_appearance_network(device) if features != 'off' else None
    runners = load_runners(config, device, appearance is not None)
    return Networks(runners, load_recurrent_lifter(device),
                    appearance if runners.have_features else None)
