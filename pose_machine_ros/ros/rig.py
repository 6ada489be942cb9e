# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The cameras of a robot, from a YAML file like config/cameras.yaml."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from os.path import expanduser
from pathlib import Path
from typing import Any

from rclpy.exceptions import InvalidNamespaceException, InvalidTopicNameException
from rclpy.parameter import Parameter
from rclpy.validate_namespace import validate_namespace
from rclpy.validate_topic_name import validate_topic_name
import yaml

from pose_machine_ros.errors import InputError
from pose_machine_ros.ros.runtime.launch_arguments import depth_remappings
from pose_machine_ros.ros.runtime.overrides import is_unknown, suggestion
from pose_machine_ros.spelling import hint


@dataclass(frozen=True)
class RigCamera:
    """One camera: the namespace of its node, its topics and its parameters."""

    namespace: str  # absolute
    image: str = 'image_raw'  # topics; relative ones are in the namespace
    camera_info: str = 'camera_info'
    depth: str = 'depth'  # images, used with the parameter depth.enabled
    parameters: dict[str, Any] = field(default_factory=dict)  # by dotted name

    def __post_init__(self) -> None:
        for validate, name in ((validate_namespace, self.namespace),
                               (validate_topic_name, self.image),
                               (validate_topic_name, self.camera_info),
                               (validate_topic_name, self.depth)):
            try:
                validate(name)
            except (InvalidNamespaceException, InvalidTopicNameException) as error:
                reason = str(error).partition(':\n')[0]
                raise InputError(f'{name!r} is not a valid ROS name ({reason})') from error

    @property
    def image_topic(self) -> str:
        """Full name of the topic of the images."""
        return self._full(self.image)

    @property
    def depth_topic(self) -> str:
        """Full name of the topic of the depth images."""
        return self._full(self.depth)

    @property
    def remappings(self) -> list[tuple[str, str]]:
        """Remappings of its node."""
        names = [('image', self.image), ('camera_info', self.camera_info)]
        return names if self.depth == RigCamera.depth else [*names, *depth_remappings(self.depth)]

    @property
    def id_prefix(self) -> str:
        """Prefix of the ids of its people."""
        return self.parameters.get('id_prefix', '')

    @property
    def skeletons(self) -> str:
        """Full name of the topic of its skeletons."""
        return self._full('pose_machine/skeletons')

    def _full(self, topic: str) -> str:
        return topic if topic.startswith('/') else f'{self.namespace}/{topic}'


@dataclass(frozen=True)
class CameraRig:
    """All cameras of a robot."""

    cameras: tuple[RigCamera, ...]
    one_process: bool = True  # all nodes in one process; False: one process for each
    fusion: dict[str, Any] | None = None  # parameters of the fusion node by dotted name, if any

    def __post_init__(self) -> None:
        if not self.cameras:
            raise InputError('there is no camera; list at least one under "cameras:", as '
                             '"- namespace: left"')
        for what, where in (('namespace', 'namespace'), ('image_topic', 'image'),
                            ('depth_topic', 'depth'),
                            ('id_prefix', 'id_prefix under its "parameters:"')):
            names = [getattr(camera, what) for camera in self.cameras]
            if twice := [name for name in names if names.count(name) > 1]:
                raise InputError(f'two cameras have the {what.replace("_", " ")} {twice[0]!r}; '
                                 f'give each its own {where}')

    @property
    def fusion_parameters(self) -> dict[str, Any]:
        """Return the parameters of the fusion node of these cameras.

        Raises InputError if the file does not describe it.
        """
        if self.fusion is None:
            raise InputError('the file of the cameras has no section "fusion:"; add it, as '
                             '"fusion: {target_frame: map}"; see config/cameras.yaml')
        return {'inputs': [camera.skeletons for camera in self.cameras], **self.fusion}

    @classmethod
    def from_yaml(cls, path: Path, known: Collection[str],
                  known_of_fusion: Collection[str]) -> CameraRig:
        """Read a file; `known` are the names of the parameters of pose nodes.

        `known_of_fusion` are those of the fusion node. A relative path of the extrinsics is
        relative to the file. Raises InputError for a file that is missing or invalid.
        """
        try:
            content = yaml.safe_load(Path(path).read_text())
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InputError(f'the cameras in {path} cannot be read: {error}') from error
        try:
            rig = _rig(content, known, known_of_fusion)
        except InputError as error:
            raise InputError(f'{path}: {error}; see config/cameras.yaml for an example') from error
        extrinsics = (rig.fusion or {}).get('extrinsics')
        if extrinsics and isinstance(extrinsics, str):
            rig.fusion['extrinsics'] = str(Path(path).parent / expanduser(extrinsics))
        return rig


def dotted(tree: dict[str, Any], prefix: str = '') -> dict[str, Any]:
    """Return nested parameters as one dictionary by dotted name."""
    leaves: dict[str, Any] = {}
    for name, value in tree.items():
        inner = isinstance(value, dict)
        leaves.update(dotted(value, f'{prefix}{name}.') if inner else {f'{prefix}{name}': value})
    return leaves


def _rig(content: Any, known: Collection[str], known_of_fusion: Collection[str]) -> CameraRig:
    _check_keys(content, {f.name for f in fields(CameraRig)} | {'parameters'}, 'the file')
    one_process = content.get('one_process', CameraRig.one_process)
    if not isinstance(one_process, bool):
        raise InputError(f'one_process is {one_process!r}; write true or false')
    cameras = content.get('cameras') or []
    if not isinstance(cameras, list):
        raise InputError(f'cameras is {cameras!r}; write a list, with "- " before each camera')
    common = _parameters(content, known, 'the file')
    fusion = _parameters(content, known_of_fusion, 'fusion', 'fusion') \
        if 'fusion' in content else None
    return CameraRig(tuple(_camera(c, i, common, known) for i, c in enumerate(cameras, 1)),
                     one_process, fusion)


def _camera(content: Any, number: int, common: dict[str, Any],
            known: Collection[str]) -> RigCamera:
    where = f'camera {number}'
    names = {f.name for f in fields(RigCamera)}
    _check_keys(content, names, where)
    texts = {name: content[name] for name in names - {'parameters'} if name in content}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip('/'):
            raise InputError(f'{name} of {where} is {text!r}; write a name')
    if 'namespace' not in texts:
        raise InputError(f'{where} has no namespace; give it one, as "namespace: left"')
    texts['namespace'] = '/' + texts['namespace'].strip('/')
    # all cameras publish body_<id> on the same /tf
    prefix = texts['namespace'].strip('/_').replace('/', '_') + '_'
    with_depth = {'depth.enabled': True} if 'depth' in texts else {}
    return RigCamera(**texts, parameters={
        'id_prefix': prefix, **with_depth, **common, **_parameters(content, known, where)})


def _parameters(content: dict, known: Collection[str], where: str,
                key: str = 'parameters') -> dict[str, Any]:
    tree = content.get(key) or {}
    if not isinstance(tree, dict):
        what = key if key == where else f'{key} of {where}'
        raise InputError(f'{what} is {tree!r}; write "name: value" lines')
    leaves = dotted(tree)
    for name, value in leaves.items():
        if value is None:
            raise InputError(f'parameter {name!r} of {where} has no value; write one after ":"')
        if is_unknown(name, known):
            raise InputError(f'{where} has an unknown parameter {name!r}{suggestion(name, known)}; '
                             f'config/{"fusion" if key == "fusion" else "pose_machine"}.yaml '
                             'lists all')
        try:
            kind = Parameter.Type.from_parameter_value(value)
        except TypeError as error:
            raise InputError(f'parameter {name!r} of {where} is {value}; write true, false, a '
                             'number, a text in quotes, or a list of one kind of these') from error
        if name == 'use_sim_time' and kind != Parameter.Type.BOOL:
            raise InputError(f'parameter {name!r} of {where} is {value!r}; write true or false')
    return leaves


def _check_keys(content: Any, names: Collection[str], where: str) -> None:
    if not isinstance(content, dict):
        raise InputError(f'{where} is {content!r}; write "name: value" lines')
    for key in content:
        if key not in names:
            raise InputError(f'{where} has an unknown key {key!r}{hint(str(key), names)}; the '
                             f'known keys are {", ".join(sorted(names))}')
