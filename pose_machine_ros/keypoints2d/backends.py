# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Inference backends for MoveNet: torch, and faster on a CPU, ONNX Runtime and OpenVINO."""

from __future__ import annotations

from collections.abc import Callable
import logging
import sys
from types import ModuleType

import torch
from torch import Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.bfloat16 import with_bfloat16_filters
from pose_machine_ros.keypoints2d.config import BACKENDS
from pose_machine_ros.keypoints2d.fused_movenet import FusedMoveNet
from pose_machine_ros.keypoints2d.movenet import MoveNet
from pose_machine_ros.keypoints2d.signal_stack import kept_signal_stack

_TELEMETRY = 'openvino_telemetry'

# From images (B, H, W, 3) uint8 BGR to the maps of the heads, on the device of the images.
Runner = Callable[[Tensor], tuple[Tensor, ...]]

_LOGGER = logging.getLogger(__name__)


def choose_backend(backend: str, device: torch.device) -> str:
    """Return the backend and its precision, such as 'openvino bfloat16', for a setting.

    'auto' is torch in half precision on a GPU. On a CPU it is OpenVINO if the processor computes in
    bfloat16, else ONNX Runtime. Raises InputError for a backend that is unknown, not installed or
    not for `device`.
    """
    if backend not in BACKENDS:
        raise InputError(f'backend = {backend!r} is unknown; choose one of {", ".join(BACKENDS)}')
    if backend == 'torch':
        return 'torch float32'
    if backend == 'auto' and device.type != 'cpu':
        return 'torch float16'
    if device.type != 'cpu':
        raise InputError(f'backend = {backend!r} runs on the CPU only, not on {device}; use auto')
    if backend == 'openvino':
        try:
            return f'openvino {_openvino_precision()}'
        except (ImportError, RuntimeError) as error:
            raise InputError("backend = 'openvino' needs OpenVINO: pip install openvino "
                             f'({error})') from error
    if backend == 'auto':
        try:
            if _openvino_precision() == 'bfloat16':
                return 'openvino bfloat16'
        except (ImportError, RuntimeError) as error:
            _LOGGER.warning('OpenVINO cannot be used (%s), so the 2D networks run in ONNX Runtime. '
                            'On some processors OpenVINO is faster: pip install openvino', error)
    return 'onnxruntime float32'


def make_runner(network: MoveNet, backend: str, device: torch.device, threads: int) -> Runner:
    """Return a runner for `network`; `backend` is one that `choose_backend` returned."""
    name, precision = backend.split()
    if name == 'torch':
        return FusedMoveNet(network, getattr(torch, precision)).to(device) \
            if device.type == 'cuda' else network
    if name == 'onnxruntime':
        return OnnxRunner(network, threads)
    return OpenVinoRunner(network, threads, precision)


class OnnxRunner:
    """A runner in ONNX Runtime on the CPU; any number of threads may call it."""

    def __init__(self, network: MoveNet, threads: int) -> None:
        import onnxruntime

        from pose_machine_ros.keypoints2d.onnx_graph import INPUT, onnx_model
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait take CPU time from everything else on the robot.
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        options.log_severity_level = 3
        self._input = INPUT
        self._session = onnxruntime.InferenceSession(
            onnx_model(network), options, providers=['CPUExecutionProvider'])

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        maps = self._session.run(None, {self._input: images.numpy()})
        return tuple(torch.from_numpy(m) for m in maps)


class OpenVinoRunner:
    """A runner in OpenVINO on the CPU; any number of threads may call it."""

    def __init__(self, network: MoveNet, threads: int, precision: str) -> None:
        """Compile `network`; `precision` is float32 or bfloat16."""
        from pose_machine_ros.keypoints2d.onnx_graph import onnx_model  # onnx takes long to import

        openvino = _import_openvino()
        in_bfloat16 = precision == 'bfloat16'
        model = onnx_model(with_bfloat16_filters(network) if in_bfloat16 else network)
        core = openvino.Core()
        with kept_signal_stack():
            self._model = core.compile_model(core.read_model(model), 'CPU', {
                'INFERENCE_NUM_THREADS': threads, 'PERFORMANCE_HINT': 'LATENCY',
                'INFERENCE_PRECISION_HINT': 'bf16' if in_bfloat16 else 'f32',
                # A pinned thread waits for its core while another process uses that one.
                'ENABLE_CPU_PINNING': False})

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        # One by one takes no longer on a CPU. For another number of images at once, OpenVINO would
        # compile the network again, when another person comes into view.
        maps = [self._infer(image) for image in images.split(1)]
        return maps[0] if len(maps) == 1 else tuple(map(torch.cat, zip(*maps)))

    def _infer(self, images: Tensor) -> tuple[Tensor, ...]:
        request = self._model.create_infer_request()  # per call: several threads may call
        maps = request.infer([images.numpy()], share_inputs=True).values()
        return tuple(torch.from_numpy(m) for m in maps)


def _openvino_precision() -> str:
    """Return the fastest precision of OpenVINO on this processor whose keypoints are good.

    Raises ImportError or RuntimeError if OpenVINO is not installed or does not start.
    """
    core = _import_openvino().Core()
    with kept_signal_stack():
        capabilities = core.get_property('CPU', 'OPTIMIZATION_CAPABILITIES')
    return 'bfloat16' if 'BF16' in capabilities else 'float32'


def _import_openvino() -> ModuleType:
    """Import OpenVINO, which takes a third of a second, without its telemetry.

    That would write to the home folder, start a thread and send usage statistics. OpenVINO works
    without the package.
    """
    if _TELEMETRY in sys.modules:
        import openvino
        return openvino
    sys.modules[_TELEMETRY] = None  # an import of it then fails
    try:
        import openvino
    except ImportError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):  # its C++ part turns one into the other
            raise error.__cause__
        raise
    finally:
        sys.modules.pop(_TELEMETRY, None)
    return openvino
