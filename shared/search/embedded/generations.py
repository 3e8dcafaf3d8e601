"""Which folders of words an index has: the current one, the one before it, and one that is being built.

The store names them, so that a kill at any point leaves a state that the next process can read.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from shared.search.embedded.database import Database, Session
from shared.search.embedded.words import FOLDERS, is_current, is_readable, new_folder_name, open_index, reported
from shared.search.ports import IndexUnavailableError

_CURRENT: Final = "folder"
_EARLIER: Final = "earlier"
_BUILDING: Final = "building"


@dataclass(frozen=True, slots=True)
class Earlier:
    """The folder that was left. `since` is the newest change that is surely in it, and all before."""

    folder: str
    since: int


@dataclass(frozen=True, slots=True)
class Building:
    """How far a build is: its commit has every article up to the key `after`, as of the change `since` or later."""

    folder: str
    since: int
    after: int = 0
    done: int = 0


def current_folder(session: Session, root: Path) -> Path | None:
    """Where the store says that the words are; None for a new store."""
    name = session.value("fact", name=_CURRENT)
    return None if name is None else root / name


def earlier_folder(session: Session) -> Earlier | None:
    fact = session.value("fact", name=_EARLIER)
    return None if fact is None else Earlier(**orjson.loads(fact))


def usable_earlier(root: Path, database: Database) -> Earlier | None:
    """The folder that was left, when its words are those that queries are made of now."""
    with database.session() as session:
        earlier = earlier_folder(session)
    usable = earlier is not None and is_current(earlier.folder) and opens(root / earlier.folder)
    return earlier if usable else None


def building_folder(session: Session) -> Building | None:
    fact = session.value("fact", name=_BUILDING)
    return None if fact is None else Building(**orjson.loads(fact))


def begin_building(root: Path, database: Database) -> Building:
    """A build that was broken off, where it was; else a new one."""
    with database.session() as session:
        building = building_folder(session)
        if building is not None and building.after and is_current(building.folder) and opens(root / building.folder):
            return building
        if building is not None:
            shutil.rmtree(root / building.folder, ignore_errors=True)
        building = Building(new_folder_name(), int(session.value("newest_change")))
        note_building(session, building)
    return building


def note_building(session: Session, building: Building) -> None:
    session.run("set_fact", name=_BUILDING, value=orjson.dumps(building).decode())


def drop_building(session: Session) -> None:
    """The next build begins anew."""
    session.run("drop_fact", name=_BUILDING)


def switch(root: Path, database: Database, folder: Path) -> None:
    """Readers and writers go to `folder`; the one that they leave is kept, for a return. Needs the write lock.

    A folder that is damaged, or of another schema, is of no use to anybody and is not kept.
    """
    with database.session() as session, session.transaction():
        left = current_folder(session, root)
        session.run("set_fact", name=_CURRENT, value=folder.name)
        drop_building(session)
        earlier = earlier_folder(session)
        if left is not None and is_readable(left.name) and opens(left):
            # What waits has not reached its words.
            since = int(session.value("flushed_change"))
            session.run("set_fact", name=_EARLIER, value=orjson.dumps(Earlier(left.name, since)).decode())
        elif earlier is not None and earlier.folder == folder.name:
            session.run("drop_fact", name=_EARLIER)
    remove_unused(root, database)


def drop_earlier(root: Path, database: Database) -> str | None:
    """Remove the folder that is kept for a return; its name, None when there is none."""
    with database.session() as session:
        earlier = earlier_folder(session)
        session.run("drop_fact", name=_EARLIER)
    remove_unused(root, database)
    return None if earlier is None else earlier.folder


def remove_unused(root: Path, database: Database) -> None:
    """Readers that have a removed folder open keep it: the kernel removes files when nobody maps them any more."""
    with database.session() as session:
        current, earlier, building = current_folder(session, root), earlier_folder(session), building_folder(session)
    used = {
        *([current.name] if current else []),
        *([earlier.folder] if earlier else []),
        *([building.folder] if building else []),
    }
    for folder in root.glob(FOLDERS):
        if folder.name not in used:
            shutil.rmtree(folder, ignore_errors=True)


def opens(folder: Path) -> bool:
    try:
        open_index(folder)
    except IndexUnavailableError:
        return False
    return True


def articles_in(folder: Path) -> int:
    """0 when it is damaged, or has no commit yet."""
    try:
        index = open_index(folder)
        with reported():
            return int(index.searcher().num_docs)
    except IndexUnavailableError:
        return 0
