"""The link to the model that is in use, and the archive of nights whose model was refused.

Guarantee: whoever follows the link sees the model before or the new one, whole, whatever happens.
It is relative, so the folder of models can be moved. What a kill leaves, `NAME.PID.part`, is
removed by the next call. An archive is whole or absent: it is made as `NAME.part`, the model goes
into it in one step, and a call that was cut short goes on when it is called again. A model that a
link beside it leads to is never taken.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from rtlbench.errors import UserError
from rtlbench.io.atomic import sync_folder, write_whole
from rtlbench.io.untrusted import one_line
from rtlbench.nightly.paths import Paths
from rtlbench.nightly.raw import RAW
from rtlbench.nightly.snapshot import files_of


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


SUMMARY = "summary.md"
NIGHT = "night"
MODEL = "model"


def archives(paths: Paths) -> list[Path]:
    """The archives of refused nights that hold more than their summary, by name."""
    found = sorted(paths.archives.glob(f"*/{SUMMARY}"))
    whole = [f.parent for f in found if f.parent.suffix != ".part"]
    return [f for f in whole if any((f / name).exists() for name in (NIGHT, MODEL))]


def archive(night: Path, model: Path | None, where: Path, reasons: Sequence[str]) -> Path:
    """Move `model` to the archive `where`, and copy what `night` holds beside it.

    Args:
        model: The refused adapter; None, or a folder that is not there, where there is none.
        where: The archive; where another one has the name, a number goes behind it.
        reasons: Why, for people.

    Returns:
        The folder of the archive.

    Raises:
        UserError: It cannot be written, or the model is published.
    """
    _refuse_published(model)
    part = where.with_name(f"{where.name}.part")
    if (done := _done(night, model, where, reasons)) is not None and not part.exists():
        return done
    try:
        part.mkdir(parents=True, exist_ok=True)
        _copy_night(night, part / NIGHT)
        if model is not None:
            _take(model, part / MODEL)
        write_whole(part / SUMMARY, _summary(night, model, reasons, part).encode())
        sync_tree(part)
        final = next(name for name in _names(where) if not name.exists())
        part.rename(final)
        sync_folder(where.parent)
    except OSError as e:
        raise UserError(
            f"{where}: cannot put the night aside there ({_reason(e)}); "
            "see to it and run the same command, nothing was published"
        ) from e
    return final


def _refuse_published(model: Path | None) -> None:
    if model is None or not model.exists():
        return
    for link in model.parent.iterdir():
        if link.is_symlink() and link.resolve() == model.resolve():
            raise UserError(
                f"{model}: is published ({link.name} leads to it) and stays; "
                f"point {link.name} to another model first"
            )


def _copy_night(night: Path, to: Path) -> None:
    shutil.rmtree(to, ignore_errors=True)

    def left_out(folder: str, names: list[str]) -> set[str]:
        top = Path(folder) == night
        return {n for n in names if top and n == RAW}

    shutil.copytree(night, to, symlinks=True, ignore=left_out)


def _take(model: Path, to: Path) -> None:
    """Move `model` to `to` in one step; to another file system, by a copy that is whole first."""
    if not model.exists():
        return
    if to.exists():
        if _is_part_of(model, to):  # what removing it had left, after it was copied
            shutil.rmtree(model)
            return
        shutil.rmtree(to)
    try:
        model.rename(to)
    except OSError as e:
        if e.errno != errno.EXDEV:
            raise
        part = to.with_name(f"{to.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(model, part, symlinks=True)
        sync_tree(part)
        part.rename(to)
        shutil.rmtree(model)


def _is_part_of(model: Path, copy: Path) -> bool:
    (here, links), (there, _) = files_of(model), files_of(copy)
    return not links and all(there.get(name) == file for name, file in here.items())


def _done(night: Path, model: Path | None, where: Path, reasons: Sequence[str]) -> Path | None:
    """The archive that an earlier call made of the same night, for the same reasons."""
    if model is not None and model.exists():
        return None
    for made in _names(where):
        if not made.exists():
            return None
        summary = made / SUMMARY
        if summary.is_file() and summary.read_text() == _summary(night, model, reasons, made):
            return made
    return None


def _reason(error: OSError) -> str:
    """Of a copy that failed on several files, the first."""
    several = isinstance(error, shutil.Error) and error.args and error.args[0]
    return one_line(str(several[0][-1] if isinstance(several, list) else error.strerror or error))


def _names(where: Path) -> Iterator[Path]:
    yield where
    for number in itertools.count(2):
        yield where.with_name(f"{where.name}.{number}")


def _summary(night: Path, model: Path | None, reasons: Sequence[str], archived: Path) -> str:
    lines = [f"# The night of {night.name} was not published", ""]
    lines += [f"- {one_line(reason, 1000)}" for reason in reasons] or ["- No reason was given."]
    lines += ["", "| here | what |", "| --- | --- |"]
    if model is not None and (archived / MODEL).is_dir():
        lines.append(f"| `{MODEL}/` | the refused adapter, `{model.name}` |")
    lines.append(f"| `{NIGHT}/` | the night's data, benchmark results and state |")
    lines += ["", f"Raw copies stay in `{night.name}/{RAW}/`. What was published before still is."]
    return "\n".join(lines) + "\n"
