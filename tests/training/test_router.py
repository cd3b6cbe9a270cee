"""A router answers each category by its own adapter."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from rtlbench.errors import UserError
from rtlbench.generate.answer import Request
from rtlbench.generate.source import Generation, describe, open_source
from rtlbench.training.recipe import read_recipe
from rtlbench.training.run import FineTuneOptions, fine_tune
from tests.training.toy import RECIPE, Sft, make_toy, toy_records

pytestmark = pytest.mark.slow

CATEGORIES = ("updown_counter", "shift_register", "fsm", "fifo")
STRONG = ("train.max_steps=40", "train.learning_rate=5e-2", "lora.dropout=0.0")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, toy: Path) -> dict[str, Path]:
    """Adapters for two categories, by category."""
    folder = tmp_path_factory.mktemp("adapters")
    data = folder / "data.jsonl"
    data.write_bytes(b"".join(msgspec.json.encode(r) + b"\n" for r in toy_records()))
    recipe = folder / "toy.toml"
    recipe.write_text(RECIPE.format(base=toy))
    found = {}
    for category in ("fsm", "shift_register"):
        made = fine_tune(
            FineTuneOptions(
                recipe=read_recipe(recipe, STRONG),
                data=(str(data),),
                name=category,
                category=category,
                out=folder / "out",
            ),
            lambda _: None,
        )
        assert made is not None
        found[category] = made
    return found


def write(path: Path, base: Path, **adapters: object) -> Path:
    lines = [f'base = "{base}"', "[adapters]", *(f'{c} = "{a}"' for c, a in adapters.items())]
    path.write_text("\n".join(lines) + "\n")
    return path


def requests() -> list[Request]:
    return [
        Request(spec_id=f"{c}_{k}", sample=k, prompt=f"Write a module `m{k}`.", seed=k, category=c)
        for k in range(2)
        for c in CATEGORIES
    ]


def answered(model: str, adapter: Path | None = None) -> dict[str, tuple[str, str | None]]:
    """Text and adapter of each answer."""
    asked = Generation(
        model=model, adapter=str(adapter) if adapter else None, max_tokens=24, temperature=0.0
    )
    answers = list(open_source(asked).answers(requests()))
    assert len(answers) == len(requests())
    return {a.spec_id: (a.completion, a.adapter) for a in answers}


def test_each_category_gets_the_answer_of_its_adapter(
    tmp_path: Path, toy: Path, trained: dict[str, Path]
) -> None:
    routes = write(tmp_path / "r.toml", toy, **trained)
    routed = answered(f"router:{routes}")
    base = answered(str(toy))
    for category in CATEGORIES:
        own = trained.get(category)
        alone = answered(str(toy), own) if own else base
        for k in range(2):
            spec = f"{category}_{k}"
            assert routed[spec][0] == alone[spec][0]
            assert routed[spec][1] == (own.name if own else None)
    assert routed["fsm_0"][0] != base["fsm_0"][0]
    assert routed["fsm_0"][0] != routed["shift_register_0"][0]


def test_the_rest_goes_to_the_default(tmp_path: Path, toy: Path, trained: dict[str, Path]) -> None:
    fsm, other = trained["fsm"], trained["shift_register"]
    routes = write(tmp_path / "r.toml", toy, default=other, fsm=fsm)
    routed, rest = answered(f"router:{routes}"), answered(str(toy), other)
    assert routed["fifo_1"] == rest["fifo_1"]
    assert routed["fsm_1"] == answered(str(toy), fsm)["fsm_1"]


def test_who_answers_depends_on_every_adapter(
    tmp_path: Path, toy: Path, trained: dict[str, Path]
) -> None:
    one = write(tmp_path / "r.toml", toy, **trained)
    first = describe(Generation(model=f"router:{one}"))
    write(one, toy, fsm=trained["fsm"])
    second = describe(Generation(model=f"router:{one}"))
    assert (first.source, first.model) == ("router", "r")
    assert first.revision != second.revision


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('base = "b"\n', "adapters"),
        ('base = "b"\n[adapters]\n', "names no adapter"),
        ('base = "b"\n[adapters]\nfms = "x"\n', "no category 'fms'"),
        ('base = "b"\nadapter = "x"\n', "adapter"),
        ("base = \n", "r.toml"),
    ],
)
def test_a_bad_file_is_one_message(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"r\.toml") as caught:
        describe(Generation(model=f"router:{path}"))
    assert said in str(caught.value)


def test_an_adapter_of_another_base_is_refused(
    tmp_path: Path, trained: dict[str, Path]
) -> None:
    other = make_toy(tmp_path / "other", scale=6.0)
    routes = write(tmp_path / "r.toml", other, **trained)
    with pytest.raises(UserError, match="was trained on another model"):
        describe(Generation(model=f"router:{routes}"))


def test_what_is_no_adapter_is_refused(tmp_path: Path, toy: Path, sft: Sft) -> None:
    routes = write(tmp_path / "r.toml", toy, fsm=sft.out)
    with pytest.raises(UserError, match="no adapter's folder"):
        describe(Generation(model=f"router:{routes}"))
    routes = write(tmp_path / "r.toml", toy, fsm=toy)
    with pytest.raises(UserError, match="leave it out"):
        describe(Generation(model=f"router:{routes}", adapter="x"))
