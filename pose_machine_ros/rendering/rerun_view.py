# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Skeletons, camera and images in the viewer Rerun, on a time line of header stamps.

In space, in the frame of the skeletons: `/people/ID/bones`, `/people/ID/joints`, `/covariance/ID`.
In the image, which is shown in the camera's frustum: `/camera/image`, `/camera/people/ID/bones` and
`/camera/people/ID/keypoints`. Of several cameras, instead: `/cameras/FRAME`, and `/rays/ID` from
the cameras that see a person. Colours are those of `rendering.style`, pale for low scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np
from scipy.spatial.transform import Rotation
import torch

from pose_machine_ros.camera.camera import Camera
from pose_machine_ros.camera.rigid_transform import RigidTransform
from pose_machine_ros.io.message_cameras import MessageCamera
from pose_machine_ros.pose import Skeleton, Space
from pose_machine_ros.rendering import style
from pose_machine_ros.rendering.rerun_markers import log_markers
from pose_machine_ros.rendering.rerun_rig import eye_beside, RerunRig
from pose_machine_ros.rendering.rerun_sdk import rr, rrb
from pose_machine_ros.skeleton import HUMAN36M_17

_TIMELINE = 'stamp'
_REPLACED_BY_MARKERS = ('people', 'covariance', 'cameras', 'rays')
_BONE, _JOINT = 0.015, 0.025  # metres, radius
_LINE, _DOT = 2.0, 3.0  # px of the screen, radius
_FRUSTUM = 0.5  # metres, drawn length
_EYE = (1.6, -1.0, -1.8)  # metres: over the camera's right shoulder
_DEFAULT_TARGET = np.array((0.0, 0.0, 3.0))  # metres, where the view looks before the first person
_PNG = b'\x89PNG'


class RerunView:
    """Logs to one recording; a person is shown from their first to their last stamp.

    With `follow`, the time line stays at the newest stamp; else it plays from the start. With
    `markers`, the view in space shows the markers instead of the skeletons.
    """

    def __init__(self, stream: rr.RecordingStream, follow: bool = False,
                 markers: bool = False) -> None:
        self._stream = stream
        self._hidden = [f'- /{branch}/**' for branch in _REPLACED_BY_MARKERS] if markers else []
        self._play_state = 'following' if follow else 'playing'
        self._camera: Camera | None = None
        self._shown: set[str] = set()
        self._rig = RerunRig(stream)
        self._is_world = False  # the frame of the skeletons is not that of a camera: z is up
        self._has_seen_people = False
        stream.log('/', rr.ViewCoordinates.RDF, static=True)
        self._send_blueprint(_DEFAULT_TARGET)

    def log_camera(self, stamp_ns: int, camera: Camera) -> None:
        """Show the frustum of `camera` from a stamp on, without distortion, which Rerun lacks."""
        if self._camera is not None and _is_same(camera, self._camera):
            return
        self._camera = camera
        self._at(stamp_ns)
        self._stream.log('/camera', rr.Pinhole(
            image_from_camera=camera.matrix, resolution=(camera.width, camera.height),
            camera_xyz=rr.ViewCoordinates.RDF, image_plane_distance=_FRUSTUM))

    def log_image(self, stamp_ns: int, image: bytes | np.ndarray) -> None:
        """Show an image: the bytes of a JPEG or PNG, or (H, W, 3) uint8 BGR."""
        if isinstance(image, np.ndarray):
            image = cv2.imencode('.jpg', image)[1].tobytes()
        media_type = 'image/png' if image.startswith(_PNG) else 'image/jpeg'
        self._at(stamp_ns)
        self._stream.log('/camera/image', rr.EncodedImage(contents=image, media_type=media_type))

    def log_skeletons(self, stamp_ns: int, skeletons: list[Skeleton],
                      cameras: Sequence[MessageCamera] = (),
                      seen_by: Sequence[Sequence[int]] = ()) -> None:
        """Show the skeletons of a frame in space and projected into the image.

        `cameras` are those that took part, and `seen_by` tells which of them see each person.
        Several cameras are shown in space. The skeletons of a single one may be in another frame.
        """
        self._at(stamp_ns)
        is_world = len(cameras) > 1 or any(s.space == Space.WORLD_METRIC for s in skeletons) \
            or any(not c.is_at_origin for c in cameras)
        if is_world and not self._is_world:
            self._is_world, self._has_seen_people = True, False
            self._stream.log('/', rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True)
        present = [(s, seen_by[i] if i < len(seen_by) else ()) for i, s in enumerate(skeletons)
                   if s.state.is_active and np.isfinite(s.xyz).all(-1).any()]
        people = {s.id for s, _ in present}
        for person in sorted(self._shown - people):
            for path in (['people', person], ['covariance', person], ['rays', person],
                         ['camera', 'people', person]):
                self._stream.log(path, rr.Clear(recursive=True))
        self._shown = people
        self._rig.show(cameras if len(cameras) > 1 else ())
        if len(cameras) == 1 and self._is_world:
            self._stream.log('/camera', rr.Transform3D(
                translation=cameras[0].pose.translation, mat3x3=cameras[0].pose.rotation))
        for skeleton, numbers in present:
            self._log_in_space(skeleton)
            if len(cameras) > 1:
                self._rig.log_rays(skeleton, [cameras[i] for i in numbers if i < len(cameras)])
            else:
                self._log_in_image(skeleton, cameras[0].pose if cameras else None)
        if present and not self._has_seen_people:
            self._has_seen_people = True
            self._send_blueprint(
                np.mean([np.nanmean(s.xyz, 0) for s, _ in present], 0), cameras)

    def log_markers(self, stamp_ns: int, markers: Iterable[Any]) -> None:
        """Show markers as `rerun_markers.log_markers` does."""
        self._at(stamp_ns)
        log_markers(self._stream, markers)

    def _log_in_space(self, skeleton: Skeleton) -> None:
        strips, colours = _bones(skeleton.xyz, skeleton.joint_scores)
        path = ['people', skeleton.id]
        self._stream.log([*path, 'bones'], rr.LineStrips3D(strips, radii=_BONE, colors=colours))
        seen = np.isfinite(skeleton.xyz).all(-1)
        person = style.person_colour(skeleton.id)
        colours = [_rgb(style.blend(person, s)) for s in skeleton.joint_scores[seen]]
        self._stream.log([*path, 'joints'], rr.Points3D(
            skeleton.xyz[seen], radii=_JOINT, colors=colours))
        up = np.array((0, 0, 1) if self._is_world else (0, -1, 0))
        top = skeleton.xyz[seen][(skeleton.xyz[seen] @ up).argmax()]
        guess = ', distance is a guess' if skeleton.space == Space.ROOT_RELATIVE else ''
        self._stream.log([*path, 'id'], rr.Points3D(
            [top + 0.15 * up], radii=0.0, colors=[_rgb(person)], labels=[skeleton.id + guess],
            show_labels=True))
        known = seen & np.isfinite(skeleton.covariance).all((-1, -2))
        sizes, turns = _ellipsoids(skeleton.covariance[known])
        self._stream.log(['covariance', skeleton.id], rr.Ellipsoids3D(
            centers=skeleton.xyz[known], half_sizes=sizes, quaternions=turns,
            colors=[_rgb(style.blend(person, 0.0))], fill_mode='majorwireframe'))

    def _log_in_image(self, skeleton: Skeleton, pose: RigidTransform | None) -> None:
        """Show a person in the image of the camera; `pose` is that of its optical frame."""
        path = ['camera', 'people', skeleton.id]
        seen = skeleton.keypoints[:, 2] >= style.MIN_KEYPOINT_SCORE
        self._stream.log([*path, 'keypoints'], rr.Points2D(
            skeleton.keypoints[seen, :2], radii=rr.Radius.ui_points(_DOT),
            colors=[_rgb(style.person_colour(skeleton.id))]))
        if self._camera is not None:
            xyz = skeleton.xyz.astype(np.float64)
            xyz = xyz if pose is None else pose.inverse().apply(xyz)
            pixels = self._camera.project(torch.from_numpy(xyz)).numpy()
            strips, colours = _bones(pixels, skeleton.joint_scores)
            self._stream.log([*path, 'bones'], rr.LineStrips2D(
                strips, radii=rr.Radius.ui_points(_LINE), colors=colours))

    def _at(self, stamp_ns: int) -> None:
        self._stream.set_time(_TIMELINE, timestamp=np.datetime64(stamp_ns, 'ns'))

    def _send_blueprint(self, people: np.ndarray, cameras: Sequence[MessageCamera] = ()) -> None:
        """Lay out the view in space and, for one camera, its image.

        The eye looks at `people` (3,) from behind the camera, so that left stays left, or in a
        world frame from beside the cameras.
        """
        name, position, target, up = 'Camera optical frame', _EYE, 0.6 * people, (0, -1, 0)
        if self._is_world:
            name, up = 'World', (0, 0, 1)
            position, target = eye_beside(people, cameras)
        space = rrb.Spatial3DView(
            origin='/', contents=['+ /**', *self._hidden], name=name,
            eye_controls=rrb.EyeControls3D(position=position, look_target=target, eye_up=up),
            line_grid=False)
        views = [space]
        if len(cameras) <= 1:
            views.append(rrb.Spatial2DView(origin='/camera', name='Image'))
        self._stream.send_blueprint(rrb.Blueprint(
            rrb.Horizontal(*views, column_shares=(3, 2)[:len(views)]),
            rrb.TimePanel(timeline=_TIMELINE, state='collapsed', play_state=self._play_state),
            collapse_panels=True))


def _is_same(a: Camera, b: Camera) -> bool:
    return (a.width, a.height) == (b.width, b.height) and np.array_equal(a.matrix, b.matrix) \
        and np.array_equal(a.distortion, b.distortion)


def _bones(points: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, list[tuple]]:
    """Return the ends (B, 2, D) of the bones with finite `points` (17, D), and their colours."""
    known = np.isfinite(points).all(-1)
    bones = [b for b in HUMAN36M_17.bones if known[list(b)].all()]
    colours = [_rgb(style.blend(style.bone_colour(b[1]), min(scores[list(b)]))) for b in bones]
    return points[np.array(bones, int).reshape(-1, 2)], colours


def _ellipsoids(covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return half axes (N, 3) of one standard deviation, metres, and quaternions (x, y, z, w)."""
    variances, axes = np.linalg.eigh(covariance.astype(np.float64))
    axes[np.linalg.det(axes) < 0, :, 0] *= -1  # a rotation, not a reflection
    return np.sqrt(variances.clip(0)), Rotation.from_matrix(axes).as_quat()


def _rgb(bgr: style.Colour) -> style.Colour:
    return bgr[::-1]
