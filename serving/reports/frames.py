"""Tables of reports as data frames, for notebooks: the figures of the .csv files, intervals in columns of their own."""

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

from serving.reports.report import Report, as_csv

if TYPE_CHECKING:
    import pandas as pd


def frame(report: Report, number: int = 0) -> "pd.DataFrame":
    """The report's table of that number, from 0."""
    import pandas as pd

    return pd.read_csv(StringIO(as_csv(replace(report, file=report.tables[number]))))
