# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node's parameters, one for each setting of NodeConfig."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
import re
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.exceptions import InvalidParameterTypeException, InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter

from pose_machine_ros.errors import InputError
from pose_machine_ros.keypoints2d.backends import BACKENDS
from pose_machine_ros.lifting.lifter import CORRECTIONS
from pose_machine_ros.machine import MachineConfig
from pose_machine_ros.ros.health.diagnostics import DiagnosticsConfig
from pose_machine_ros.ros.input.subscriber import InputConfig, RELIABILITIES, TRANSPORTS
from pose_machine_ros.ros.output.outputs import OutputConfig


@dataclass(frozen=True)
class NodeConfig:
    """All settings of the node."""

    machine: MachineConfig = field(default_factory=MachineConfig)
    outputs: OutputConfig = field(default_factory=OutputConfig)
    input: InputConfig = field(default_factory=InputConfig)
    diagnostics: DiagnosticsConfig = field(default_factory=DiagnosticsConfig)
    fov_degrees: float = 55.0  # over the longer side, where the camera is not calibrated
    lazy: bool = False  # rest while nobody subscribes to a result
    autostart: bool = True  # configure and activate without a lifecycle manager

    def __post_init__(self) -> None:
        if not 1 < self.fov_degrees < 179:
            raise InputError(f'fov_degrees = {self.fov_degrees} is not between 1 and 179')


@dataclass(frozen=True)
class Setting:
    """One parameter: where it goes in NodeConfig, and what users are told about it."""

    name: str
    path: str  # in NodeConfig, dotted
    description: str
    range: tuple[float, float] | None = None  # inclusive
    step: int = 1  # between the values of a range of integers
    choices: tuple[str, ...] = ()
    dynamic: bool = True  # can be changed while running


SETTINGS = (
    Setting('device', 'machine.device',
            'Where the networks run: auto (the GPU where there is one), cpu, cuda or cuda:N',
            dynamic=False),
    Setting('image.reliability', 'input.reliability',
            "Of the subscription to images; auto is the publishers', reliable needs reliable "
            'publishers',
            choices=RELIABILITIES),
    Setting('image.transport', 'input.transport',
            'raw, or compressed for JPEG and PNG on image/compressed', choices=TRANSPORTS),
    Setting('image.rectified', 'input.rectified',
            'The images are rectified (image_rect): intrinsics are P of camera_info, without '
            'distortion'),
    Setting('image.rotation', 'machine.lifting.rotation',
            'Degrees clockwise that turn the image so that people stand upright in it: 180 for a '
            'camera that hangs upside down. Results stay in the frame of the image as it comes',
            (0, 270), step=90),
    Setting('fov_degrees', 'fov_degrees',
            'Field of view over the longer side of the image, degrees; used for a camera that is '
            'not calibrated', (5.0, 170.0)),
    Setting('lazy', 'lazy', 'Rest while nobody subscribes to a result'),
    Setting('autostart', 'autostart',
            'Configure and activate at the start; false leaves it to a lifecycle manager',
            dynamic=False),
    Setting('max_people', 'machine.tracking.max_people',
            'People followed at once; somebody clearly nearer takes the place of the furthest',
            (1, 100)),
    Setting('person_height', 'machine.lifting.person_height',
            'Height of everyone in view, metres, 0.4 or more; it settles size and distance. 0 = '
            'unknown adults', (0.0, 2.5)),
    Setting('camera_height', 'machine.lifting.camera_height',
            'Height of the camera above the floor people stand on, metres; with camera_pitch it '
            'settles size and distance. 0 = unknown', (0.0, 20.0)),
    Setting('camera_pitch', 'machine.lifting.camera_pitch',
            'Degrees that the camera looks down, used with camera_height; the camera must not be '
            'rolled, but for image.rotation', (-80.0, 80.0)),
    Setting('detect_interval', 'machine.tracking.detect_interval',
            'Seconds between looks for new people', (0.0, 60.0)),
    Setting('min_keypoint_score', 'machine.lifting.min_keypoint_score',
            '2D keypoints with a lower score count as unseen', (0.0, 0.99)),
    Setting('max_gap', 'machine.lifting.max_gap',
            'Seconds between two images after which everybody is forgotten', (0.01, 60.0)),
    Setting('tracking.search_interval', 'machine.tracking.search_interval',
            'Seconds between looks for people while nobody is seen', (0.0, 60.0)),
    Setting('tracking.crop_margin', 'machine.tracking.crop_margin',
            "Side of the square that the 2D network sees, over the person's extent", (1.0, 4.0)),
    Setting('tracking.min_confidence', 'machine.tracking.min_confidence',
            'Score below which a person is not seen', (0.0, 1.0)),
    Setting('tracking.new_confidence', 'machine.tracking.new_confidence',
            'Score that a new person needs', (0.0, 1.0)),
    Setting('tracking.max_age', 'machine.tracking.max_age',
            'Seconds that a person is carried on unseen', (0.0, 60.0)),
    Setting('tracking.min_size', 'machine.tracking.min_size',
            'Extent in px of the smallest person to start with', (1, 10000)),
    Setting('keypoints2d.backend', 'machine.keypoints.backend',
            'What runs the 2D networks; auto is torch on a GPU and onnxruntime on a CPU, openvino '
            '(pip install openvino) is quicker on a CPU that knows bfloat16',
            choices=BACKENDS,
            dynamic=False),
    Setting('keypoints2d.threads', 'machine.keypoints.threads',
            'CPU threads of the 2D networks', (1, 256), dynamic=False),
    Setting('keypoints2d.detector_size', 'machine.keypoints.detector_size',
            'Longer side, px, of the image that new people are looked for in; a multiple of 32. '
            'More finds people who are further away, and takes longer', (128, 2048)),
    Setting('keypoints2d.min_person_score', 'machine.keypoints.min_person_score',
            'Detections with a lower score are dropped', (0.0, 1.0)),
    Setting('correction.mode', 'machine.lifting.correction',
            'How 3D poses are corrected to agree with what the camera sees', choices=CORRECTIONS),
    Setting('correction.window', 'machine.lifting.geometric.window',
            'geometric: frames corrected together', (1, 100)),
    Setting('correction.steps', 'machine.lifting.geometric.steps',
            'geometric: Gauss-Newton steps a frame', (1, 50)),
    Setting('correction.keypoint_sigma', 'machine.lifting.geometric.keypoint_sigma',
            "geometric: error of a fully trusted keypoint, over the person's apparent size",
            (1e-4, 1.0)),
    Setting('correction.robust', 'machine.lifting.geometric.robust',
            'geometric: deviations beyond which a keypoint loses influence', (0.1, 100.0)),
    Setting('correction.prior_inflation', 'machine.lifting.geometric.prior_inflation',
            "geometric: factor on the lifter's predicted deviation", (0.01, 100.0)),
    Setting('correction.bone_sigma', 'machine.lifting.geometric.bone_sigma',
            'geometric: deviation of bone lengths, metres', (1e-4, 1.0)),
    Setting('correction.acceleration_sigma', 'machine.lifting.geometric.acceleration_sigma',
            'geometric: usual acceleration of a joint, m/s^2; the knob for smoothing: lower is '
            'smoother', (0.1, 1000.0)),
    Setting('correction.damping', 'machine.lifting.geometric.damping',
            'geometric: damping of the Gauss-Newton steps', (1e-9, 1.0)),
    Setting('correction.learned.updates', 'machine.lifting.learned.updates',
            'learned: steps of Adam a frame', (0, 100)),
    Setting('correction.learned.learning_rate', 'machine.lifting.learned.learning_rate',
            'learned: size of these steps', (1e-7, 0.1)),
    Setting('correction.learned.enough', 'machine.lifting.learned.enough',
            'learned: metres; stop once the trunk moves less in a step', (0.0, 1.0)),
    Setting('correction.learned.too_much', 'machine.lifting.learned.too_much',
            'learned: metres; discard a correction that moves the trunk more', (0.0, 1.0)),
    Setting('diagnostics.warn_age', 'diagnostics.warn_age',
            'Seconds without an image from where on health is WARN', (0.01, 3600.0)),
    Setting('diagnostics.error_age', 'diagnostics.error_age', 'The same for ERROR',
            (0.01, 3600.0)),
    Setting('diagnostics.warn_latency', 'diagnostics.warn_latency',
            '95th percentile of image stamp to publication, seconds, from where on health is WARN',
            (0.001, 3600.0)),
    Setting('diagnostics.error_latency', 'diagnostics.error_latency', 'The same for ERROR',
            (0.001, 3600.0)),
    Setting('diagnostics.warn_rate', 'diagnostics.warn_rate',
            'Results a second below which health is WARN; 0 = never', (0.0, 1000.0)),
    Setting('diagnostics.error_rate', 'diagnostics.error_rate', 'The same for ERROR',
            (0.0, 1000.0)),
    Setting('id_prefix', 'outputs.id_prefix',
            'Before the id of every person; on a robot with several cameras each needs its own, or '
            'body_<id> is two people on /tf', dynamic=False),
    Setting('markers.thickness', 'outputs.markers.thickness', 'Of the bones, metres', (0.001, 1.0)),
    Setting('tf.bodies', 'outputs.transforms.bodies',
            'Broadcast body_<id> of everyone who is seen on /tf, in the frame of the image; a '
            'listener of /tf then keeps a lazy node awake'),
    Setting('tf.joints', 'outputs.transforms.joints',
            'Broadcast <joint>_<id> in body_<id> as well'),
    Setting('humans.topic', 'outputs.humans.topic',
            'Where hri_msgs is installed: base of the topics of REP-155; empty = none',
            dynamic=False),
)
NAMES = frozenset(setting.name for setting in SETTINGS)


def declare(node: Node) -> NodeConfig:
    """Declare all parameters and return their values; an unusable one raises InputError."""
    leaves = flatten(NodeConfig())
    for setting in SETTINGS:
        try:
            node.declare_parameter(
                setting.name, leaves[setting.path], _descriptor(setting, leaves[setting.path]))
        except InvalidParameterTypeException as error:
            raise InputError(f'parameter {setting.name} is of another type: write it like '
                             f'{leaves[setting.path]!r} ({error})') from error
        except InvalidParameterValueException as error:
            low, high = setting.range
            values = (f'one of {", ".join(map(str, range(low, high + 1, setting.step)))}'
                      if setting.step > 1 else f'between {low} and {high}')
            raise InputError(f'parameter {setting.name} is not {values} ({error})') from error
    return read(node)


def read(node: Node, proposed: list[Parameter] = []) -> NodeConfig:
    """Return the node's settings, with the `proposed` ones in place; InputError if unusable."""
    changed = {p.name: p.value for p in proposed}
    return build(NodeConfig(), {
        s.path: changed.get(s.name, node.get_parameter(s.name).value) for s in SETTINGS})


def flatten(config: Any, prefix: str = '') -> dict[str, Any]:
    """Return every setting of a tree of dataclasses, by its dotted path."""
    leaves: dict[str, Any] = {}
    for f in fields(config):
        value = getattr(config, f.name)
        path = prefix + f.name
        leaves.update(flatten(value, path + '.') if is_dataclass(value) else {path: value})
    return leaves


def build(defaults: Any, values: dict[str, Any], prefix: str = '') -> Any:
    """Return a copy of a tree of dataclasses with `values`, by dotted path, in place.

    The InputError of a value that can't be used calls it by its parameter's name.
    """
    changes = {}
    for f in fields(defaults):
        value = getattr(defaults, f.name)
        path = prefix + f.name
        changes[f.name] = build(value, values, path + '.') if is_dataclass(value) \
            else values.get(path, value)
    try:
        return type(defaults)(**changes)
    except InputError as error:
        raise InputError(_in_terms_of_ros(str(error), prefix)) from error


def _in_terms_of_ros(complaint: str, prefix: str) -> str:
    """Return a complaint about the settings below `prefix`, which say "field = value" in it."""
    names = {setting.path: setting.name for setting in SETTINGS}
    return re.sub(r'(?<![\w.])\w+(?= = )',
                  lambda field: names.get(prefix + field[0], field[0]), complaint)


def _descriptor(setting: Setting, default: Any) -> ParameterDescriptor:
    when = 'Can be changed while running.' if setting.dynamic else 'Read at start.'
    descriptor = ParameterDescriptor(
        description=f'{setting.description}. {when}', read_only=not setting.dynamic)
    if setting.choices:
        descriptor.additional_constraints = 'One of ' + ', '.join(setting.choices)
    if setting.range and isinstance(default, float):
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=setting.range[0], to_value=setting.range[1])]
    elif setting.range:
        descriptor.integer_range = [
            IntegerRange(from_value=setting.range[0], to_value=setting.range[1],
                         step=setting.step)]
    return descriptor
