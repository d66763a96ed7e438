"""What a data scientist would fit in an afternoon, on the same rows of the same features as our recipe."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats
from training.rows import Rows
from training.scorecard import Predictions

Fit = Callable[[Catalogue, Rows], Any]
"""Returns something with scikit-learn's `predict_proba`."""


def logistic(catalogue: Catalogue, rows: Rows) -> Any:
    """Plain logistic regression: one-hot levels, standardised numbers, the default penalty."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [i for i in range(rows.X.shape[1]) if i not in catalogue.categories]
    design = ColumnTransformer(
        [
            ("levels", OneHotEncoder(handle_unknown="ignore"), catalogue.categories),
            ("numbers", make_pipeline(SimpleImputer(keep_empty_features=True), StandardScaler()), numbers),
        ]
    )
    learner = make_pipeline(design, LogisticRegression(max_iter=2_000))
    return learner.fit(rows.X, rows.won, logisticregression__sample_weight=rows.weight)


def lightgbm(catalogue: Catalogue, rows: Rows) -> Any:
    """LightGBM with its defaults."""
    return _lightgbm(catalogue, rows)


def small_lightgbm(catalogue: Catalogue, rows: Rows) -> Any:
    """LightGBM, small and regularised."""
    small = {"n_estimators": 150, "num_leaves": 8, "learning_rate": 0.05, "min_child_samples": 40, "reg_lambda": 5.0}
    return _lightgbm(catalogue, rows, **small)


def _lightgbm(catalogue: Catalogue, rows: Rows, **given: Any) -> Any:
    from lightgbm import LGBMClassifier

    learner = LGBMClassifier(random_state=0, n_jobs=1, verbosity=-1, deterministic=True, force_row_wise=True, **given)
    columns = catalogue.categories or "auto"
    return learner.fit(rows.X, rows.won, sample_weight=rows.weight, categorical_feature=columns)


def histogram_boosting(catalogue: Catalogue, rows: Rows) -> Any:
    """scikit-learn's HistGradientBoosting with its defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    learner = HistGradientBoostingClassifier(categorical_features=catalogue.categories or None, random_state=0)
    return learner.fit(rows.X, rows.won, sample_weight=rows.weight)


PEERS: Mapping[str, Fit] = {
    "logistic": logistic,
    "lightgbm": lightgbm,
    "hist_gradient_boosting": histogram_boosting,
    "small_lightgbm": small_lightgbm,
}


def predictions(catalogue: Catalogue, rows: Rows, X: Floats) -> dict[str, Predictions]:
    """What each peer says of the test leads X."""
    return {name: _said(fit(catalogue, rows), X) for name, fit in PEERS.items()}


def _said(model: Any, X: Floats) -> Predictions:
    p = np.asarray(model.predict_proba(X))[:, 1].astype(np.float64)
    return Predictions(p, p)
