# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rendered people: short sequences of pictures with known 3D joints.

Frames of this room: the body's rest pose and the world have z up; at rest, x points to the body's
left and y backwards. Cameras have the optical frame, x right, y down, z forward. Metres, radians.
Arrays have T frames, B bones and V vertices. Pictures are BGR uint8.
"""
