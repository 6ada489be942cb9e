# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Two ways to run a MoveNet body: torch, and ONNX Runtime, several times faster on a CPU."""

from __future__ import annotations

from collections.abc import Callable
import hashlib
import io
import logging
import os
from pathlib import Path
import tempfile
import warnings

import numpy as np
import torch
from torch import Tensor

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.centernet import INPUT_MULTIPLE, CenterNet

BACKENDS = ('auto', 'torch', 'onnxruntime')
_EXPORT_VERSION = 1  # raise it when CenterNet's arithmetic changes

_LOGGER = logging.getLogger(__name__)

# Images (B, H, W, 3) uint8 BGR to the maps of the heads, on the device of the images.
Body = Callable[[Tensor], tuple[Tensor, ...]]


def make_body(network: CenterNet, backend: str, device: torch.device, threads: int) -> Body:
    """Return a body that runs `network`; 'auto' is ONNX Runtime on a CPU and torch on a GPU."""
    if backend not in BACKENDS:
        raise InputError(f'backend = {backend!r} is unknown; choose one of {", ".join(BACKENDS)}')
    if backend == 'onnxruntime' and device.type != 'cpu':
        raise InputError(f"backend = 'onnxruntime' runs on the CPU only, not on {device}; use auto")
    if backend == 'torch' or device.type != 'cpu':
        return network.to(device)
    return OnnxBody(network, threads)


class OnnxBody:
    """A body in ONNX Runtime on the CPU, exported once and kept in the user's cache folder."""

    def __init__(self, network: CenterNet, threads: int) -> None:
        import onnxruntime
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait take the cores from everything else on the robot.
        options.add_session_config_entry('session.intra_op.allow_spinning', '0')
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            exported(network), options, providers=['CPUExecutionProvider'])

    def __call__(self, images: Tensor) -> tuple[Tensor, ...]:
        maps = self._session.run(None, {'images': images.numpy()})
        return tuple(torch.from_numpy(m) for m in maps)


def exported(network: CenterNet) -> bytes:
    """Return `network` as an ONNX model, from the cache where it is there."""
    path = _cache_folder() / f'{_fingerprint(network)}.onnx'
    try:
        return path.read_bytes()
    except OSError:
        pass
    _LOGGER.info('exporting a network for ONNX Runtime into %s; this is done once', path.parent)
    content = _export(network)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)  # another process may be doing the same
    except OSError as error:
        _LOGGER.warning(
            'cannot keep the exported network in %s (%s); every start exports it anew',
            path.parent, error)
    return content


def _export(network: CenterNet) -> bytes:
    height, width = (torch.export.Dim(name, min=2, max=64) for name in ('height', 'width'))
    sizes = {0: torch.export.Dim('batch', min=1, max=64), 1: INPUT_MULTIPLE * height,
             2: INPUT_MULTIPLE * width}
    example = torch.zeros(2, 8 * INPUT_MULTIPLE, 9 * INPUT_MULTIPLE, 3, dtype=torch.uint8)
    plain = network.cpu().to(memory_format=torch.contiguous_format)
    # The exporter warns of its own deprecated parts and of packages that aren't needed here.
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            plain, (example,), dynamo=True, input_names=['images'],
            output_names=list(network.heads), dynamic_shapes=(sizes,), verbose=False)
    buffer = io.BytesIO()
    program.save(buffer)
    return buffer.getvalue()


def _fingerprint(network: CenterNet) -> str:
    digest = hashlib.sha256(f'{_EXPORT_VERSION} {torch.__version__}'.encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(value.cpu().numpy()).tobytes())
    return digest.hexdigest()[:32]


def _cache_folder() -> Path:
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'pose_machine_ros'
