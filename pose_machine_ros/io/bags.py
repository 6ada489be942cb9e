# Copyright 2026 the pose_machine_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Rosbag2 recordings of a camera and its skeletons, written and read without a ROS installation."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rosbags.interfaces import (
    Connection, MessageDefinitionFormat, Qos, QosDurability, QosHistory, QosLiveliness,
    QosReliability, QosTime)
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from rosbags.typesys import get_types_from_msg, get_typestore, Stores
from rosbags.typesys.store import Typestore

from pose_machine_ros.errors import InputError
from pose_machine_ros.install_prefixes import shared_paths

_UNSET = QosTime(0, 0)
_LATCHED = Qos(QosHistory.KEEP_LAST, 1, QosReliability.RELIABLE, QosDurability.TRANSIENT_LOCAL,
               _UNSET, _UNSET, QosLiveliness.SYSTEM_DEFAULT, _UNSET, False)
_STORAGES = {'.mcap': 'mcap', '.db3': 'sqlite3'}  # ROS's names
_VERSION = 8  # of the bag format; the newest that every supported ROS distribution reads
_OWN_TYPES = 'pose_machine_msgs/'
_BEFORE_1_0 = {  # hashes of the types that 1.0 changed
    'RIHS01_2942ca0c1453e345d0da4e417a0fc9eb027c4add38030ccc40fae43526946f92'}


def typestore() -> Typestore:
    """Return the types of ROS 2's common messages and of pose_machine_msgs.

    Raises InputError if pose_machine_msgs is not installed.
    """
    store = get_typestore(Stores.ROS2_KILTED)
    folder = next((f for f in shared_paths('pose_machine_msgs', 'msg') if f.is_dir()), None)
    if folder is None:
        raise InputError('pose_machine_msgs is not installed; run "make setup", or build it with '
                         'colcon and source the workspace')
    types: dict[str, Any] = {}
    for path in sorted(folder.glob('*.msg')):
        types |= get_types_from_msg(path.read_text(), f'pose_machine_msgs/msg/{path.stem}')
    store.register(types)
    return store


class BagWriter:
    """Writes a bag; a topic is added with its first message."""

    def __init__(self, path: Path) -> None:
        self._store = typestore()
        self._writer = Writer(path, version=_VERSION, storage_plugin=StoragePlugin.SQLITE3)
        self._writer.open()
        self._connections: dict[str, Any] = {}

    def write(self, topic: str, type_name: str, stamp_ns: int, cdr: bytes,
              latched: bool = False) -> None:
        """Append a serialized message of type `type_name`, such as std_msgs/msg/String.

        A player publishes `latched` topics with transient local durability, so that late
        subscribers get the last message too.
        """
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(
                topic, type_name, typestore=self._store,
                offered_qos_profiles=[_LATCHED] if latched else [])
        self._writer.write(self._connections[topic], stamp_ns, cdr)

    def close(self) -> None:
        """Write the metadata, without which a bag is incomplete."""
        self._writer.close()


def read_messages(path: Path, topics: Collection[str] | None = None
                  ) -> Iterator[tuple[str, int, Any]]:
    """Iterate over (topic, time of the recording in ns, message) of some topics, or of all.

    `path` is the folder of a bag, or one of its .mcap or .db3 files. Raises InputError for a bag
    that cannot be read, or that has messages of another version of pose_machine_msgs.
    """
    store = typestore()
    with _reader(path) as reader:
        wanted = [c for c in reader.connections if topics is None or c.topic in topics]
        for connection in wanted:
            _check_version(path, connection, store)
        # To the reader, an empty list means all connections.
        messages = reader.messages(wanted) if wanted else iter(())
        while message := _next_message(path, messages):
            connection, stamp_ns, data = message
            yield connection.topic, stamp_ns, store.deserialize_cdr(data, connection.msgtype)


def topic_types(path: Path) -> dict[str, str]:
    """Return the type of each topic of a bag, such as std_msgs/msg/String.

    Raises InputError for a bag that cannot be read.
    """
    with _reader(path) as reader:
        return {c.topic: c.msgtype for c in reader.connections}


@contextmanager
def _reader(path: Path) -> Iterator[Reader]:
    path = Path(path)
    if not path.exists():
        raise InputError(f'there is no bag {path}')
    if path.is_dir() and not (path / 'metadata.yaml').exists():
        raise _incomplete(path)
    try:
        reader = Reader(path)
        reader.open()
    except Exception as error:  # rosbags passes on the errors of its storage plugins
        raise _unreadable(path, error) from error
    try:
        yield reader
    finally:
        reader.close()


def _check_version(path: Path, connection: Connection, store: Typestore) -> None:
    """Raise InputError if messages of this package have another definition than here."""
    name = connection.msgtype
    if not name.startswith(_OWN_TYPES):
        return
    recorded = connection.digest or _hash_of(connection)
    if not recorded or (name in store.fielddefs and recorded == store.hash_rihs01(name)):
        return
    version = 'before 1.0' if recorded in _BEFORE_1_0 else 'of another version'
    raise InputError(
        f'{path} has a {name} of pose_machine_msgs {version} on {connection.topic}, which this '
        'version cannot read. Show it with the version of pose_machine_ros that recorded it, or '
        'record it again from its images (docs/migration.md)')


def _hash_of(connection: Connection) -> str:
    """Return the hash of the definition that a bag holds; empty if it holds none."""
    if connection.msgdef.format != MessageDefinitionFormat.MSG:
        return ''
    store = get_typestore(Stores.ROS2_KILTED)
    own = get_types_from_msg(connection.msgdef.data, connection.msgtype)
    store.register({name: fields for name, fields in own.items() if name.startswith(_OWN_TYPES)})
    return store.hash_rihs01(connection.msgtype)


def _next_message(path: Path, messages: Iterator[tuple]) -> tuple | None:
    try:
        return next(messages, None)
    except Exception as error:  # as in `_reader`
        raise _unreadable(path, error) from error


def _incomplete(folder: Path) -> InputError:
    files = sorted(f for f in folder.iterdir() if f.suffix in _STORAGES)
    if not files:
        return InputError(f'{folder} is not a bag: it has no metadata.yaml; give the folder that '
                          '"ros2 bag record" made, or an .mcap or .db3 file')
    return InputError(
        f'{folder} has no metadata.yaml, perhaps because its recorder was killed; create it with '
        f'"ros2 bag reindex -s {_STORAGES[files[0].suffix]} {folder}", or give {files[0]} itself')


def _unreadable(path: Path, error: Exception) -> InputError:
    return InputError(
        f'{path} is not a readable bag: {error} Repair a truncated file with "mcap '
        'recover" (.mcap) or "sqlite3 FILE .recover" (.db3)')
