# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A body of boxes on the bones that anny has, so that tests need no body model."""

import functools

import numpy as np
from scipy import sparse

from pose_machine_ros.skeleton import COCO_17
from pose_machine_ros.synthesis.rendered.body import Body, BodyModel
from pose_machine_ros.synthesis.rendered.meshes import box

# Heads of the bones in the middle and on the left, metres: x to the left, y backwards, z up.
_HEADS = {
    'root': (None, (0, 0, 0)), 'spine05': ('root', (0, 0, 0.1)),
    'spine04': ('spine05', (0, 0, 0.2)),
    'spine03': ('spine04', (0, 0, 0.3)), 'spine02': ('spine03', (0, 0, 0.35)),
    'spine01': ('spine02', (0, 0, 0.4)), 'neck01': ('spine01', (0, 0.02, 0.55)),
    'neck02': ('neck01', (0, 0.02, 0.58)), 'neck03': ('neck02', (0, 0.01, 0.61)),
    'head': ('neck03', (0, 0, 0.64)), 'jaw': ('head', (0, -0.05, 0.66)),
    'pelvis.L': ('root', (0.05, 0, 0)), 'upperleg01.L': ('pelvis.L', (0.09, 0, -0.03)),
    'upperleg02.L': ('upperleg01.L', (0.1, 0, -0.24)),
    'lowerleg01.L': ('upperleg02.L', (0.11, 0, -0.45)),
    'lowerleg02.L': ('lowerleg01.L', (0.115, 0.01, -0.65)),
    'foot.L': ('lowerleg02.L', (0.12, 0.02, -0.85)),
    'toe3-1.L': ('foot.L', (0.13, -0.12, -0.9)),
    'clavicle.L': ('spine01', (0.03, 0, 0.5)), 'shoulder01.L': ('clavicle.L', (0.12, 0, 0.5)),
    'upperarm01.L': ('shoulder01.L', (0.18, 0, 0.48)),
    'upperarm02.L': ('upperarm01.L', (0.26, 0, 0.37)),
    'lowerarm01.L': ('upperarm02.L', (0.34, 0, 0.26)),
    'lowerarm02.L': ('lowerarm01.L', (0.42, -0.02, 0.17)),
    'wrist.L': ('lowerarm02.L', (0.5, -0.04, 0.08)),
    'finger3-1.L': ('wrist.L', (0.56, -0.05, 0.01))}
_THICKNESS = 0.03  # metres
# Which bones' boxes have their middle at a COCO keypoint; the face is on the head.
_AT = {'shoulder': 'upperarm01', 'elbow': 'lowerarm01', 'wrist': 'wrist', 'hip': 'upperleg01',
       'knee': 'lowerleg01', 'ankle': 'foot'}
_FACE = {'nose': (0, -0.1, 0.68), 'eye': (0.03, -0.08, 0.71), 'ear': (0.07, 0, 0.69)}


def _with_right_side() -> dict[str, tuple[str | None, tuple[float, float, float]]]:
    heads = dict(_HEADS)
    for bone, (parent, (x, y, z)) in _HEADS.items():
        if bone.endswith('.L'):
            heads[f'{bone[:-1]}R'] = (parent[:-1] + 'R' if parent.endswith('.L') else parent,
                                      (-x, y, z))
    return heads


@functools.cache
def stick_body() -> tuple[BodyModel, Body]:
    """Return the model and its only body: a cube around each bone's head and points of a face."""
    heads = _with_right_side()
    bones = tuple(heads)
    parents = tuple(bones.index(parent) if parent else -1 for parent, _ in heads.values())
    points = np.array([point for _, point in heads.values()], float)
    cubes = [box(point - _THICKNESS, point + _THICKNESS, np.zeros(3)) for point in points]
    face = np.array([np.array(_FACE[name.rpartition('_')[2]]) * (
        -1 if name.startswith('right') else 1, 1, 1) for name in COCO_17.names[:5]])
    size = len(cubes[0].vertices)
    vertices = np.concatenate([*(cube.vertices for cube in cubes), face])
    of_bone = np.append(np.repeat(np.arange(len(bones)), size), [bones.index('head')] * 5)
    weights = sparse.csr_matrix((np.ones(len(vertices), np.float32),
                                 (np.arange(len(vertices)), of_bone)))
    keypoints = np.zeros((17, len(vertices)), np.float32)
    keypoints[range(5), range(len(vertices) - 5, len(vertices))] = 1
    for i, name in enumerate(COCO_17.names[5:], 5):
        side, part = name.split('_')
        start = bones.index(f'{_AT[part]}.{side[0].upper()}') * size
        keypoints[i, start:start + size] = 1 / size
    faces = np.concatenate([cube.faces + i * size for i, cube in enumerate(cubes)])
    model = BodyModel(bones, parents, faces, weights, sparse.csr_matrix(keypoints))
    return model, Body(vertices.astype(np.float32), points)
