# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Colours (BGR) and drawing functions that all images share."""

from __future__ import annotations

import colorsys
import re

import cv2
import numpy as np

from pose_machine_ros.skeleton import HUMAN36M_17

Colour = tuple[int, int, int]

LEFT: Colour = (60, 150, 255)  # orange: the person's left
RIGHT: Colour = (255, 190, 60)  # blue: the person's right
MIDDLE: Colour = (235, 235, 235)
BACKGROUND: Colour = (32, 27, 24)
GRID: Colour = (74, 64, 58)
SHADOW: Colour = (20, 17, 15)
TEXT: Colour = (225, 220, 215)
MUTED: Colour = (150, 140, 132)
_GOLDEN_RATIO = 0.618034  # steps of hue by it give distinct colours for any number of people
MIN_KEYPOINT_SCORE = 0.2  # keypoints below it are not drawn
_SUBPIXEL = 4  # bits; subpixel ends keep lines from jumping between frames


def person_colour(person_id: str) -> Colour:
    """Return the colour of a person, which depends only on the id."""
    number = re.search(r'\d*$', person_id)[0]  # the prefix may have digits, too
    hue = (0.33 + (int(number or 1) - 1) * _GOLDEN_RATIO) % 1
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.55, 0.95)
    return round(255 * blue), round(255 * green), round(255 * red)


def bone_colour(child: int) -> Colour:
    """Return the colour of the bone that ends in joint `child` of HUMAN36M_17."""
    name = HUMAN36M_17.names[child]
    return LEFT if name.startswith('left_') else RIGHT if name.startswith('right_') else MIDDLE


def blend(colour: Colour, strength: float) -> Colour:
    """Return `colour` blended with the background, for a strength in [0, 1]; 1 keeps it."""
    strength = float(np.clip(0.35 + 0.65 * strength, 0, 1))
    return tuple(round(strength * c + (1 - strength) * b) for c, b in zip(colour, BACKGROUND))


def draw_line(image: np.ndarray, start: np.ndarray, end: np.ndarray, colour: Colour,
              thickness: int) -> None:
    """Draw an antialiased line between points (2,) in px; nothing if one is not finite."""
    if not (np.isfinite(start).all() and np.isfinite(end).all()):
        return
    a, b = (tuple(np.clip(p * 2 ** _SUBPIXEL, -2 ** 19, 2 ** 19).round().astype(int).tolist())
            for p in (start, end))
    cv2.line(image, a, b, colour, thickness, cv2.LINE_AA, _SUBPIXEL)


def draw_dot(image: np.ndarray, at: np.ndarray, colour: Colour, radius: float,
             thickness: int = -1) -> None:
    """Draw an antialiased disc or ring around a point (2,) in px; nothing if it is not finite."""
    if np.isfinite(at).all():
        centre = np.clip(at * 2 ** _SUBPIXEL, -2 ** 19, 2 ** 19).round().astype(int).tolist()
        cv2.circle(image, tuple(centre), round(radius * 2 ** _SUBPIXEL), colour, thickness,
                   cv2.LINE_AA, _SUBPIXEL)


def draw_bones(image: np.ndarray, joints: np.ndarray, scores: np.ndarray, thickness: int,
               radius: float) -> None:
    """Draw the bones and joints of HUMAN36M_17; `joints` (17, 2) px with `scores` (17,)."""
    for parent, child in HUMAN36M_17.bones:
        draw_line(image, joints[parent], joints[child],
                  blend(bone_colour(child), min(scores[parent], scores[child])), thickness)
    for joint in joints:
        draw_dot(image, joint, MIDDLE, radius)


def draw_text(image: np.ndarray, words: str, at: tuple[float, float], colour: Colour = TEXT,
              size: float = 0.5) -> None:
    """Write text with a dark outline; `at` is its lower left corner, px.

    Text that would reach over the border is moved into the image.
    """
    thickness = max(1, round(2 * size))
    (width, height), below = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, size, thickness)
    place = (round(max(min(at[0], image.shape[1] - width), 0)),
             round(max(min(at[1], image.shape[0] - below), height)))
    for ink, wide in ((BACKGROUND, thickness + 2), (colour, thickness)):
        cv2.putText(image, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, ink, wide, cv2.LINE_AA)
