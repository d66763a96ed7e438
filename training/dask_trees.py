"""LightGBM's own training over a Dask cluster: each worker keeps its rows, histograms travel."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats, Ints
from leadloop.cluster import together
from models.tree import TreeModel
from training.candidates import ROUNDS, TREES
from training.lake import rows_of

if TYPE_CHECKING:
    from distributed import Client

TIME_OUT_MINUTES = 2
_OF_THE_NETWORK = re.compile(
    r"^\[(machines|machine_list_filename|num_machines|local_listen_port|time_out): .*\]\n", re.M
)


@dataclass(frozen=True)
class Spread:
    """Rows of the kernel's matrix on the workers: of each partition the matrix, and which rows of all it holds."""

    parts: Mapping[int, Any]
    rows: Mapping[int, Ints]
    width: int


def fit_trees(
    client: "Client", catalogue: Catalogue, spread: Spread, taught: Ints, target: tuple[Floats, Floats], seed: int
) -> TreeModel:
    """The trees of `training.candidates.fit_trees` on the rows `taught`; `target`: won and weight of all rows.

    LightGBM finds the bins of a feature from the rows that one worker has, so that two runs differ a little.

    Raises: ClusterError when a worker is lost.
    """
    from lightgbm.dask import DaskLGBMRegressor

    # The classifier would number the classes that each worker happens to have; with this objective it fits the same.
    params = {**TREES, "random_state": seed, "n_estimators": ROUNDS, "time_out": TIME_OUT_MINUTES}
    learner = DaskLGBMRegressor(client=client, tree_learner="data", **_by_sklearn(params))
    X, won, weight = _arrays(client, spread, taught, target)
    columns = catalogue.categories or "auto"
    client.run(_hush)
    _hush()
    together(client, lambda: learner.fit(X, won, sample_weight=weight, categorical_feature=columns))
    return TreeModel(_OF_THE_NETWORK.sub("", learner.booster_.model_to_string()))


def _hush() -> None:
    """Ports and parameters that are set by themselves are nobody's news, least of all on stdout."""
    import lightgbm

    log = logging.getLogger("leadloop.lightgbm")
    log.setLevel(logging.ERROR)
    lightgbm.register_logger(log)


def _by_sklearn(params: Mapping[str, Any]) -> dict[str, Any]:
    """LightGBM's names; those that scikit-learn's constructor has under another name, under that one."""
    known = {"lambda_l2": "reg_lambda", "min_data_in_leaf": "min_child_samples", "feature_fraction": "colsample_bytree"}
    return {known.get(name, name): value for name, value in params.items()}


def _arrays(client: "Client", spread: Spread, taught: Ints, target: tuple[Floats, Floats]) -> tuple[Any, Any, Any]:
    """The rows as Dask arrays, a chunk a partition; partitions without any of them are left out."""
    import dask.array as da

    chosen = np.zeros(len(target[0]), dtype=bool)
    chosen[taught] = True
    X, columns = [], [[], []]  # type: ignore[var-annotated] # Dask has no types
    for number, rows in spread.rows.items():
        mine = np.flatnonzero(chosen[rows])
        if len(mine):
            part = client.submit(rows_of, spread.parts[number], mine, pure=False)
            X.append(da.from_delayed(part, (len(mine), spread.width), np.float64))
            for column, values in zip(columns, target, strict=True):
                column.append(da.from_array(values[rows[mine]], chunks=len(mine)))
    return da.concatenate(X), *(da.concatenate(column) for column in columns)
