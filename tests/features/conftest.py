"""Where Hypothesis keeps its notes: not in the checkout, where pytest would trip over them."""

import tempfile
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "leadloop-hypothesis")
