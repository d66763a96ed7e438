"""Quantiles are those of SciPy."""

import pytest
from scipy.stats import gamma, t

from serving.reports.quantiles import gamma_quantile, t_quantile


@pytest.mark.parametrize("shape", [0.02, 0.3, 1.0, 2.5, 40.0, 900.0, 9_000.0, 50_000.0])
@pytest.mark.parametrize("level", [0.025, 0.5, 0.975])
def test_gamma_quantiles(shape: float, level: float) -> None:
    assert gamma_quantile(level, shape, 3.0) == pytest.approx(gamma.ppf(level, shape, scale=3.0), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("freedom", [5, 12, 149])
def test_quantiles_of_student(freedom: int) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(t.ppf(0.975, freedom), rel=2e-3)
