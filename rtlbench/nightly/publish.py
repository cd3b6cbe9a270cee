"""The link to the model that is in use: switched in one step, to a model that is on the disk.

Guarantee: whoever follows the link sees the model before or the new one, whole, whatever happens.
The link is relative, so the folder of models can be moved. What a kill leaves, `NAME.PID.part`, is
removed by the next call.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.io.atomic import sync_folder


def publish(model: Path, latest: Path) -> None:
    """Make the link `latest` lead to the folder `model`.

    Raises:
        UserError: There is no such model, `latest` is no link, or it cannot be written; the link
            is as it was then.
    """
    published_before = _target(latest)
    if model.is_symlink() or not model.is_dir() or not any(model.iterdir()):
        raise UserError(f"{model}: no folder with a model in it; nothing was published")
    wanted = Path(os.path.relpath(model.resolve(), latest.parent.resolve()))
    try:
        _remove_leftovers(latest)
        if published_before != wanted:
            sync_tree(model)
            _switch(wanted, latest)
    except OSError as e:
        raise UserError(
            f"{latest}: cannot be switched to {model.name} ({e.strerror}); "
            "see to it and run the same command"
        ) from e


def published(latest: Path) -> Path | None:
    """The folder of the model that `latest` leads to; None where nothing was published yet.

    Raises:
        UserError: `latest` is no link, or leads to nothing.
    """
    target = _target(latest)
    if target is None:
        return None
    model = latest.parent / target
    if not model.is_dir():
        raise UserError(
            f"{latest}: leads to {target}, which is not there; put it back, or remove the link"
        )
    return model


def sync_tree(folder: Path) -> None:
    """See all plain files below `folder`, and the folder itself, on the disk.

    Raises:
        OSError: One of them cannot be read or written.
    """
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    os.fsync(file.fileno())
        sync_folder(Path(place))
    sync_folder(folder.parent)


def _target(latest: Path) -> Path | None:
    if latest.is_symlink():
        return latest.readlink()
    if latest.exists():
        raise UserError(
            f"{latest}: is a {'folder' if latest.is_dir() else 'file'}, not a link to a model; "
            "move it elsewhere, nothing was published"
        )
    return None


def _switch(wanted: Path, latest: Path) -> None:
    part = latest.with_name(f"{latest.name}.{os.getpid()}.part")
    try:
        part.symlink_to(wanted, target_is_directory=True)
        part.replace(latest)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    sync_folder(latest.parent)


def _remove_leftovers(latest: Path) -> None:
    ours = re.compile(re.escape(latest.name) + r"\.\d+\.part")
    for path in latest.parent.iterdir():
        if path.is_symlink() and ours.fullmatch(path.name):
            path.unlink()
