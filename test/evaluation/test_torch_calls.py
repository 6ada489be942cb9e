# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
import torch

from pose_machine_ros.evaluation.torch_calls import TorchCallCounter


def test_every_operation_counts_once():
    a = torch.ones(3, 3)
    with TorchCallCounter() as calls:
        torch.exp(a + a).sum()
    assert calls.by_operation == {
        'aten.add.Tensor': 1, 'aten.exp.default': 1, 'aten.sum.default': 1}
    a + a  # after the block
    assert calls.total == 3


def test_operations_within_inference_mode_and_views_count():
    with TorchCallCounter() as calls, torch.inference_mode():
        torch.ones(2, 3).T.contiguous()
    assert calls.total >= 3


def test_results_are_those_without_it():
    a = torch.arange(6.0).reshape(2, 3)
    with TorchCallCounter():
        product = a @ a.T
    assert torch.equal(product, a @ a.T) and type(product) is torch.Tensor
