# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Inference backends for MoveNet: torch, and faster on a CPU, ONNX Runtime and OpenVINO."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.config import BACKENDS
from pose_machine_ros.keypoints2d.movenet import MoveNet
from pose_machine_ros.keypoints2d.onnx_graph import onnx_model

# From images (B, H, W, 3) uint8 BGR to the maps of the heads, on the device of the images.
Runner = Callable[[Tensor], tuple[Tensor, ...]]


def make_runner(network: MoveNet, backend: str, device: torch.device, threads: int) -> Runner:
    """Return a runner for `network`; 'auto' is ONNX Runtime on a CPU and torch on a GPU.

    Raises InputError for a backend that is unknown, not installed or not for `device`.
    """
    if backend not in BACKENDS:
        raise InputError(f'backend = {backend!r} is unknown; choose one of {", ".join(BACKENDS)}')
    if backend == 'auto':
        backend = 'onnxruntime' if device.type == 'cpu' else 'torch'
    if backend == 'torch':
        return network.to(device)
    if device.type != 'cpu':
        raise InputError(f'backend = {backend!r} runs on the CPU only, not on {device}; use auto')
    return (OnnxRunner if backend == 'onnxruntime' else OpenVinoRunner)(network, threads)


class OnnxRunner:
    """A runner in ONNX Runtime on the CPU."""

    def __init__(self, network: MoveNet, threads: int) -> None:
        import onnxruntime
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait take CPU time from everything else on the robot.
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            onnx_model(network), options, providers=['CPUExecutionProvider'])

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        maps = self._session.run(None, {'images': images.numpy()})
        return tuple(torch.from_numpy(m) for m in maps)


class OpenVinoRunner:
    """A runner in OpenVINO on the CPU, in bfloat16 on processors that support it.

    With bfloat16 it is faster than ONNX Runtime, with slightly less accurate keypoints.
    Without it both are equal. See docs/performance.md.
    """

    def __init__(self, network: MoveNet, threads: int) -> None:
        try:
            import openvino
        except ImportError as missing:
            raise InputError("backend = 'openvino' needs OpenVINO: pip install openvino "
                             f'({missing})') from missing
        core = openvino.Core()
        self._model = core.compile_model(core.read_model(onnx_model(network)), 'CPU', {
            'INFERENCE_NUM_THREADS': threads, 'PERFORMANCE_HINT': 'LATENCY'})

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        request = self._model.create_infer_request()  # per call: several threads may call
        maps = request.infer([images.numpy()]).values()
        return tuple(torch.from_numpy(m) for m in maps)
