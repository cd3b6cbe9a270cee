"""Raw copies of a night that is done anew: linked from where they are, or read back from the
snapshot where they are purged.

Guarantee: nothing is taken away from the night as it is; what is read back is what was sent, by
its hash.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from rtlbench.errors import UserError
from rtlbench.io.atomic import sync_folder
from rtlbench.nightly.archive import RAW
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.raw import RECORD, folder_of, is_whole
from rtlbench.nightly.snapshot import StoredFile, read_manifest, store_of, stored_file
from rtlbench.nightly.store import Store
from rtlbench.nightly.taken import Taken


class RawAgain:
    """Brings a night's raw copies to another folder.

    Args:
        night: Where they are, or were.
        to: The folder `raw/` that they are brought to.
        target: Where snapshots are; None where there are none.
    """

    def __init__(self, night: Paths, to: Path, target: str | None) -> None:
        self._night, self._to = night, to
        self._target = target
        self._stored: tuple[Store, Mapping[str, StoredFile]] | None = None
        self.trouble = "no --snapshot is given" if not target else ""
        """Why nothing could be read back, where nothing could."""

    def bring(self, taken: Taken, *, as_it_is: bool) -> bool:
        """Bring one copy; whether it is there now.

        Args:
            as_it_is: Content with one that is damaged, where the snapshot has none that is whole.
        """
        here = folder_of(self._night.raw, taken.run_id, taken.event)
        there = folder_of(self._to, taken.run_id, taken.event)
        if is_whole(here):
            link_tree(here, there)
            return True
        if self._read_back(here, there):
            return True
        if as_it_is and (here / RECORD).is_file():
            link_tree(here, there)
            return True
        return False

    def _read_back(self, here: Path, there: Path) -> bool:
        place = PurePosixPath(RAW, *here.relative_to(self._night.raw).parts)
        store, files = self._snapshot()
        names = [name for name in files if PurePosixPath(name).parent == place]
        if store is None or not names:
            return False
        there.mkdir(parents=True)
        for name in names:
            path = there / PurePosixPath(name).name
            try:
                store.fetch(name, path, files[name].size)
            except UserError as e:
                self.trouble = str(e)
                break
            if stored_file(path) != files[name]:
                self.trouble = f"{store.url}/{name}: is not what was sent"
                break
        if is_whole(there):
            sync_folder(there)
            return True
        shutil.rmtree(there)
        return False

    def _snapshot(self) -> tuple[Store | None, Mapping[str, StoredFile]]:
        if self._stored is None and self._target and not self.trouble:
            try:
                store = store_of(self._night.night, self._target)
                manifest = read_manifest(store)
            except UserError as e:
                self.trouble = str(e)
                return None, {}
            if manifest is None or manifest.folder != self._night.date:
                self.trouble = f"{store.url}: holds no snapshot of this night"
                return None, {}
            self._stored = store, manifest.files
        return self._stored or (None, {})


def link_tree(source: Path, to: Path) -> None:
    """Have `to` hold the same files as `source`, without their bytes twice where that can be.

    Raises:
        OSError: It cannot be written.
    """
    shutil.copytree(source, to, symlinks=True, copy_function=_link, dirs_exist_ok=True)


def _link(source: str, to: str) -> None:
    try:
        os.link(source, to, follow_symlinks=False)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, to, follow_symlinks=False)
