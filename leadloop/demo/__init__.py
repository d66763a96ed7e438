"""A seeded CRM world with a known truth, to try the whole loop on before one's own data are in."""

from leadloop.demo.files import write_csv
from leadloop.demo.market import Market, open_market
from leadloop.demo.selling import Worked, work
from leadloop.demo.settings import DemoSettings
from leadloop.demo.truth import Truth
from leadloop.demo.world import DemoWorld, simulate

__all__ = ["DemoSettings", "DemoWorld", "Market", "Truth", "Worked", "open_market", "simulate", "work", "write_csv"]
