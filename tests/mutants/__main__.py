"""Copies the tree, takes one guard out, runs its tests, says which went red; exit 1 when all of them miss a guard."""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
TESTS_FAILED = 1  # pytest's exit code for red tests; anything above is a broken run, which proves nothing


@dataclass(frozen=True)
class Mutant:
    """A guard, and the same lines without it."""

    guard: str
    file: str
    find: str
    put: str
    tests: list[str]


def mutants() -> list[Mutant]:
    """Return every listed guard."""
    return [Mutant(**row) for row in yaml.safe_load((Path(__file__).parent / "guards.yaml").read_text("utf-8"))]


def copy_tree(target: Path) -> None:
    """Copy what version control knows, and lend the copy this checkout's packages."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)


def red_tests(mutant: Mutant, *, tree: Path) -> list[str]:
    """Run the mutant's tests in the copy; return those that failed. Raises `RuntimeError` when nothing could be run."""
    path = tree / mutant.file
    whole = path.read_text("utf-8")
    path.write_text(whole.replace(mutant.find, mutant.put), "utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider", *mutant.tests]
        run = subprocess.run(command, check=False, cwd=tree, capture_output=True, text=True)
    finally:
        path.write_text(whole, "utf-8")
    if run.returncode > TESTS_FAILED:
        raise RuntimeError(f"pytest ended with {run.returncode}: {run.stdout[-600:]}{run.stderr[-600:]}")
    return FAILED.findall(run.stdout)


def _chosen(wanted: list[str]) -> list[Mutant]:
    found = [one for one in mutants() if not wanted or any(word in one.guard for word in wanted)]
    lost = [one.guard for one in found if (ROOT / one.file).read_text("utf-8").count(one.find) != 1]
    if lost:
        raise SystemExit("guards.yaml no longer finds these guards in the code: " + "; ".join(lost))
    return found


def main(wanted: list[str]) -> int:
    """Try every guard whose name holds one of the wanted words, or all of them."""
    missed = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        tree = Path(directory)
        copy_tree(tree)
        for mutant in _chosen(wanted):
            began = time.monotonic()
            red = red_tests(mutant, tree=tree)
            missed += not red
            seen = f"{len(red)} red, first {red[0]}" if red else "NO TEST WENT RED"
            print(f"{mutant.guard}: {seen} ({time.monotonic() - began:.0f} s)", flush=True)
    print(f"{missed} guards are missed by every test." if missed else "Every guard is held by a test.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
