# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the cameras of a rig saw, from videos, keypoint files and bags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.config import MachineConfig
from pose_machine_ros.errors import InputError
from pose_machine_ros.io import bags
from pose_machine_ros.io.calibration import Calibration
from pose_machine_ros.io.images import compressed, raw
from pose_machine_ros.io.keypoint_file import KeypointFile
from pose_machine_ros.io.messages import header_stamp_ns, pose_from_message, skeletons_from_message
from pose_machine_ros.io.video import VideoFile
from pose_machine_ros.keypoint_sequence import KeypointSequence
from pose_machine_ros.lifting.lifter import PoseLifter
from pose_machine_ros.machine import PoseMachine
from pose_machine_ros.rig_calibration.tracks import CameraTracks, TrackCollector

_SKELETONS = 'pose_machine_msgs/msg/Skeleton3DArray'
_IMAGES = ('sensor_msgs/msg/Image', 'sensor_msgs/msg/CompressedImage')
Progress = Callable[[Iterable, str, 'int | None'], Iterable]


def without_progress(frames: Iterable, name: str, total: int | None) -> Iterable:
    """Return the frames; a place for a progress bar."""
    return frames


def frame_id_of(name: str) -> str:
    """Return the optical frame of a camera of which only the name is known."""
    return name if name.endswith('_frame') else f'{name}_optical_frame'


def tracks_of_video(name: str, video: VideoFile, camera: Camera, config: MachineConfig,
                    progress: Progress = without_progress) -> CameraTracks:
    """Return the people of a video; stamps are the times since its first frame."""
    machine = PoseMachine(config)
    collector = TrackCollector(name, frame_id_of(name), camera.calibrated)
    try:
        for stamp_ns, image in progress(video, name, len(video) or None):
            collector.add(stamp_ns, machine.step(image, stamp_ns, camera))
    finally:
        machine.close()
    return collector.finish()


def tracks_of_keypoints(name: str, paths: list[Path], config: MachineConfig,
                        progress: Progress = without_progress) -> CameraTracks:
    """Return the people of keypoint files of one camera, one person each."""
    files = [KeypointFile.read(path) for path in paths]
    found: list = []
    for number, file in enumerate(files, 1):
        lifter = PoseLifter(config.lifting, config.device)
        one = TrackCollector(name, frame_id_of(name), file.camera.calibrated)
        sequence = KeypointSequence.of_file(file)
        for stamp_ns, skeletons in progress(sequence.lift(lifter), f'{name} {number}',
                                            len(file.stamps_ns)):
            one.add(stamp_ns, skeletons)
        found += one.finish().tracks
    return CameraTracks(name, frame_id_of(name), found, all(f.camera.calibrated for f in files))


def tracks_of_bag(path: Path, config: MachineConfig, calibrations: dict[str, Path],
                  topics: dict[str, str] | None = None, progress: Progress = without_progress,
                  **lens: object) -> list[CameraTracks]:
    """Return what each camera of a bag saw.

    `topics` are the skeletons or images of each camera, by its name. By default they are all
    skeletons in the bag, or all images if there are none, and a camera is named after the namespace
    of its topic. `calibrations` are files by name of a camera, instead of its CameraInfo; `lens`
    are options of `Calibration.camera`. Raises InputError for a bag without such topics.
    """
    types = bags.topic_types(path)
    topics = topics or _cameras_in(types)
    if not topics:
        raise InputError(f'{path} has neither skeletons nor images; its topics are '
                         f'{", ".join(sorted(types)) or "none"}')
    for name, topic in topics.items():
        if types.get(topic) not in (_SKELETONS, *_IMAGES):
            raise InputError(f'{path} has no images or skeletons on {topic}, the topic of {name}; '
                             f'its topics are {", ".join(sorted(types)) or "none"}')
    collectors = {topic: SkeletonCollector(name) for name, topic in topics.items()
                  if types[topic] == _SKELETONS}
    if collectors:
        for topic, _, message in progress(
                bags.read_messages(path, list(collectors)), path.name, None):
            collectors[topic].add(message)
    return [collectors[topic].finish() if topic in collectors else
            _tracks_of_images(path, name, topic, types, config, calibrations, progress, lens)
            for name, topic in topics.items()]


def _cameras_in(types: dict[str, str]) -> dict[str, str]:
    """Return the topics of skeletons, or of images if there are none, by the name of the camera."""
    found = {_name(t, 2): t for t in sorted(types) if types[t] == _SKELETONS}
    return found or {_name(t, 2 if t.endswith('/compressed') else 1): t for t in sorted(types)
                     if types[t] in _IMAGES and 'depth' not in t.lower()}


class SkeletonCollector:
    """Collects the Skeleton3DArray messages of one node, of rclpy or of rosbags."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._collector: TrackCollector | None = None

    def add(self, message: Any) -> None:
        """Add one more message; raises InputError for one of several cameras."""
        if len(message.cameras) > 1:
            raise InputError(f'{self.name} has fused {len(message.cameras)} cameras; give the '
                             'skeletons of nodes with one camera each')
        view = message.cameras[0] if message.cameras else None
        header = message.header if view is None else view.header
        if self._collector is None:
            calibrated = view.calibrated if view is not None else True
            self._collector = TrackCollector(self.name, header.frame_id, calibrated)
        skeletons = skeletons_from_message(message)
        if header.frame_id != message.header.frame_id:  # the node has a target_frame
            back = pose_from_message(view.pose).inverse()
            skeletons = [replace(s, xyz=back.apply(s.xyz)) for s in skeletons]
        self._collector.add(header_stamp_ns(header), skeletons)

    @property
    def is_empty(self) -> bool:
        """Whether no message has come."""
        return self._collector is None

    def finish(self) -> CameraTracks:
        """Return what the camera saw; nothing if no message has come."""
        if self._collector is None:
            return CameraTracks(self.name, frame_id_of(self.name), [])
        return self._collector.finish()


def _tracks_of_images(path: Path, name: str, topic: str, types: dict[str, str],
                      config: MachineConfig, calibrations: dict[str, Path], progress: Progress,
                      lens: dict[str, object]) -> CameraTracks:
    calibration = _calibration(path, name, topic, types, calibrations)
    machine, collector, camera = PoseMachine(config), None, None
    try:
        for stamp_ns, frame_id, image in progress(_images(path, topic, types[topic]), name, None):
            if camera is None:
                camera = calibration.camera(image.shape[1], image.shape[0], **lens)
                collector = TrackCollector(name, frame_id or frame_id_of(name), camera.calibrated)
            collector.add(stamp_ns, machine.step(image, stamp_ns, camera))
    finally:
        machine.close()
    return collector.finish() if collector else CameraTracks(name, frame_id_of(name), [])


def _calibration(path: Path, name: str, topic: str, types: dict[str, str],
                 calibrations: dict[str, Path]) -> Calibration:
    """Return the calibration in the file of this name, or in the camera_info beside the images."""
    if name in calibrations:
        return Calibration.from_yaml(calibrations[name])
    info = f'{topic.removesuffix("/compressed").rpartition("/")[0]}/camera_info'
    if info in types:
        for _, _, message in bags.read_messages(path, {info}):
            return Calibration.from_camera_info(message)
    raise InputError(f'{path} has no {info} for {topic}; give the calibration of the camera with '
                     f'--calibration {name}=FILE.yaml')


def _images(path: Path, topic: str, kind: str) -> Iterator[tuple[int, str, np.ndarray]]:
    for _, _, message in bags.read_messages(path, {topic}):
        header = message.header
        if kind == _IMAGES[0]:
            raw.check(message)
            image = raw.convert(message)
        else:
            image = compressed.decode(bytes(message.data), message.format)
        yield header_stamp_ns(header), header.frame_id, image


def _name(topic: str, levels: int) -> str:
    """Return the namespace of a topic without its last `levels` names, such as left."""
    names = topic.strip('/').split('/')
    return '_'.join(names[:-levels]) or names[0]
