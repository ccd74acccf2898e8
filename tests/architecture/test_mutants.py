"""The list of guards stays true: each line it takes out is in the code, once."""

import pytest

from tests.mutants.__main__ import ROOT, Mutant, mutants


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.guard)
def test_a_listed_guard_stands_in_the_code(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text("utf-8").count(mutant.find) == 1
    assert all((ROOT / test).exists() for test in mutant.tests)
