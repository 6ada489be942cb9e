# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""MoveNet as an ONNX model, exported once and cached in the user's cache folder."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tempfile
import warnings

import numpy as np
import torch

from pose_machine_ros.io.output_files import cache_folder
from pose_machine_ros.keypoints2d.config import INPUT_MULTIPLE
from pose_machine_ros.keypoints2d.movenet import MoveNet

_EXPORT_VERSION = 1  # raise it when MoveNet's arithmetic changes

_LOGGER = logging.getLogger(__name__)


def onnx_model(network: MoveNet) -> bytes:
    """Return `network` as a serialized ONNX model, from the cache if it is there."""
    path = cache_folder() / f'{_fingerprint(network)}.onnx'
    try:
        return path.read_bytes()
    except OSError:
        pass
    _LOGGER.info('exporting a network to ONNX into %s; this is done once', path.parent)
    content = _export(network)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        os.replace(file.name, path)  # another process may be doing the same
    except OSError as error:
        _LOGGER.warning(
            'cannot keep the exported network in %s (%s); every start exports it again',
            path.parent, error)
    return content


def _export(network: MoveNet) -> bytes:
    height, width = (torch.export.Dim(name, min=2, max=64) for name in ('height', 'width'))
    sizes = {0: torch.export.Dim('batch', min=1, max=64), 1: INPUT_MULTIPLE * height,
             2: INPUT_MULTIPLE * width}
    example = torch.zeros(2, 8 * INPUT_MULTIPLE, 9 * INPUT_MULTIPLE, 3, dtype=torch.uint8)
    plain = network.cpu().to(memory_format=torch.contiguous_format)
    # The exporter warns about its own deprecated parts and about packages not needed here.
    logging.getLogger('torch.onnx').setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        program = torch.onnx.export(
            plain, (example,), dynamo=True, input_names=['images'],
            output_names=list(network.heads), dynamic_shapes=(sizes,), verbose=False)
    buffer = io.BytesIO()
    program.save(buffer)
    return buffer.getvalue()


def _fingerprint(network: MoveNet) -> str:
    digest = hashlib.sha256(f'{_EXPORT_VERSION} {torch.__version__}'.encode())
    for name, value in network.state_dict().items():
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(value.cpu().numpy()).tobytes())
    return digest.hexdigest()[:32]
