"""The benchmarks that a command is given: of a corpus config its `withhold` section, or a file of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curation.errors import ConfigError, UserError
from curation.sft.stages.rephrased_judge import JudgedWithhold
from curation.sources.text_file import read_text
from curation.withhold.benchmark import Benchmark
from pipelines.config import CorpusConfig
from pipelines.config_errors import validated
from pipelines.strict_yaml import YamlError, read_yaml

_DATA = (".jsonl", ".csv", ".parquet", ".bib", ".txt")
"""How the name of a file of items or works ends; a config's does not."""
DEFAULT: JudgedWithhold = CorpusConfig.model_fields["withhold"].default


def read_withhold(paths: Sequence[Path]) -> JudgedWithhold:
    """The benchmarks of some files, and how they are looked for. A judge is asked in runs only, so what is given has none.

    Args:
        paths: each the config of a corpus, whose `withhold` section counts (without one the default of a run); a file with the keys
            of that section alone; or one benchmark, with `name` and its other keys. Paths in it start at it.

    Raises:
        UserError: a file is not there, or none of these; two benchmarks have one name, or two files say otherwise how to look.
    """
    found = [_of_file(path) for path in paths]
    benchmarks = tuple(benchmark for withhold in found for benchmark in withhold.benchmarks)
    names = [benchmark.name for benchmark in benchmarks]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"two benchmarks are named {', '.join(twice)}; give each once, with a name of its own")
    told = [withhold.model_copy(update={"benchmarks": benchmarks}) for withhold in found]
    own = [withhold for withhold in told if withhold != JudgedWithhold(benchmarks=benchmarks)] or told
    if any(withhold != own[0] for withhold in own):
        raise ConfigError(
            f"{', '.join(map(str, paths))} say otherwise how benchmarks are looked for; let one of them say it"
        )
    return own[0]


def _of_file(path: Path) -> JudgedWithhold:
    if path.is_dir():
        raise ConfigError(f"benchmark {path} is a folder; name the config in it")
    if path.suffix in (".gz", ".zst") or path.suffix in _DATA:
        raise ConfigError(
            f"benchmark {path} holds data; name it in a config: `{{name: mine, items: {path.name}, adapter: plain}}`, or as `sources:` where it lists works"
        )
    try:
        value: Any = read_yaml(read_text(path))
    except FileNotFoundError as error:
        raise UserError(f"benchmark {path} does not exist; give a config with a section `withhold`") from error
    except (OSError, YamlError) as error:
        raise ConfigError(f"benchmark {path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise ConfigError(f"benchmark {path} holds no keys; give `name:` and `sources:`, `items:` or `rule:`")
    if isinstance(value.get("withhold"), dict):
        return _unjudged(validated(JudgedWithhold, value["withhold"], f"{path}: withhold", path.parent))
    if "benchmarks" in value:
        return _unjudged(validated(JudgedWithhold, value, str(path), path.parent))
    if isinstance(value.get("sources"), list):
        return DEFAULT
    return JudgedWithhold(benchmarks=(validated(Benchmark, value, str(path), path.parent),))


def _unjudged(withhold: JudgedWithhold) -> JudgedWithhold:
    return withhold.model_copy(update={"judge": None})
