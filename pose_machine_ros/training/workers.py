# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Several processes that train one network together, as torchrun starts them."""

from __future__ import annotations

import os

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


class Workers:
    """The worker of this process; the only one if torchrun did not start the process.

    Every worker draws its own batches, and all workers take the same step, along the mean of their
    gradients.
    """

    def __init__(self, device: torch.device) -> None:
        self.rank = int(os.environ.get('RANK', 0))
        self.count = int(os.environ.get('WORLD_SIZE', 1))
        self._device = device
        if self.count > 1 and not distributed.is_initialized():
            distributed.init_process_group('nccl' if device.type == 'cuda' else 'gloo')

    def close(self) -> None:
        """Leave the group after all workers are done.

        Without this the threads of gloo abort a process that ends.
        """
        if self.count > 1:
            distributed.barrier()
            distributed.destroy_process_group()

    @property
    def is_first(self) -> bool:
        """Whether this is the worker that writes files and prints."""
        return self.rank == 0

    def parallel(self, module: nn.Module) -> nn.Module:
        """Return `module`, whose backward pass also averages the gradients over the workers.

        A single worker gets the module itself.
        """
        if self.count == 1:
            return module
        # A batch without future frames leaves weights of the lifter's second LSTM unused.
        return DistributedDataParallel(module, find_unused_parameters=True)

    def of_first(self, value: float) -> float:
        """Return the value of the first worker, so that all workers stop at the same step."""
        if self.count == 1:
            return value
        shared = torch.tensor(value, dtype=torch.float64, device=self._device)
        distributed.broadcast(shared, 0)
        return float(shared)


def local_device(device: torch.device) -> torch.device:
    """Return this worker's own GPU if the workers share a machine with several GPUs."""
    if device.type == 'cuda' and 'LOCAL_RANK' in os.environ:
        return torch.device('cuda', int(os.environ['LOCAL_RANK']))
    return device
