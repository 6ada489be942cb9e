# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

from pose_machine_ros.torch_calls import TorchCallCounter


def test_views_are_calls_and_no_kernels():
    x = torch.ones(3, 4)
    with TorchCallCounter() as counter:
        (x.mT + 1)[0].view(3, 1)
    assert counter.by_name == {'transpose': 1, 'add': 1, 'select': 1, 'view': 1}
    assert (counter.calls, counter.kernels) == (4, 1)


def test_nothing_counts_outside_of_the_block():
    with TorchCallCounter() as counter:
        pass
    torch.ones(3) + 1
    assert not counter.calls
