"""Who the leads of the demo world truly are: company, role, fit, need, budget, timing; profiles show a part."""

from dataclasses import dataclass

import numpy as np

from leadloop.demo.arrivals import Arrivals
from leadloop.demo.draws import Bools, Draws, Floats, Ints
from leadloop.demo.words import (
    ABROAD,
    BUYER,
    COMPETITOR,
    CUSTOMER,
    FUNCTION_FIT,
    FUNCTION_SHARE,
    INDUSTRY_FIT,
    INDUSTRY_FIT_LATER,
    INDUSTRY_SHARE,
    NOT_SERVED,
    SENIORITY_FIT,
    SENIORITY_SHARE,
    SERVED,
    SERVED_SHARE,
    SOURCES,
    SPAM,
    STUDENT,
    TOO_SMALL,
)

_POOL = 10_000_000  # companies of one kind are numbered from kind * _POOL


@dataclass(frozen=True)
class People:
    """The truth, one entry a lead; `fit` to `timing` are in units of log odds, about 0 for a usual buyer.

    `company`: a number that leads of one company share; `country`, `industry`, `function`, `seniority`: indices into
    the words. `fit_later`: the fit after the drift. `reachable`: what is in the CRM rings or arrives.
    """

    company: Ints
    country: Ints
    industry: Ints
    employees: Ints
    function: Ints
    seniority: Ints
    french: Bools
    fit: Floats
    fit_later: Floats
    need: Floats
    budget: Floats
    timing: Floats
    reachable: Bools
    deal: Floats


def draw_people(draws: Draws, arrivals: Arrivals) -> People:
    """The person behind each lead; duplicates share theirs, colleagues share their company's part."""
    who, kind = arrivals.person, arrivals.kind
    company = _companies(draws, who, kind)
    country = _countries(draws, company, kind)
    industry = draws.choose("industry", company, np.array(INDUSTRY_SHARE))
    employees = _employees(draws, company, kind)
    function = draws.choose("function", who, np.array(FUNCTION_SHARE))
    seniority = draws.choose("seniority", who, np.array(SENIORITY_SHARE))
    size = np.log(employees / 60.0)
    role = np.array(FUNCTION_FIT)[function] + np.array(SENIORITY_FIT)[seniority] + 0.45 * draws.normal("fit", who)
    role = role - 0.12 * size**2 + 0.25 * size
    return People(
        company=company,
        country=country,
        industry=industry,
        employees=employees,
        function=function,
        seniority=seniority,
        french=_speak_french(draws, who, country),
        fit=role + np.array(INDUSTRY_FIT)[industry],
        fit_later=role + np.array(INDUSTRY_FIT_LATER)[industry],
        need=np.array([s.need for s in SOURCES])[arrivals.source[who]] + 0.75 * draws.normal("need", who),
        budget=0.35 * size + 0.3 * (seniority - 2.0) + 0.7 * draws.normal("budget", who),
        timing=draws.normal("timing", who),
        reachable=draws.uniform("reachable", who) > np.where(kind == SPAM, 0.5, 0.05),
        deal=np.exp(8.6 + 0.5 * size + 0.45 * draws.normal("deal", who)),
    )


def _companies(draws: Draws, who: Ints, kind: Ints) -> Ints:
    shrink = {BUYER: 4, STUDENT: 150, COMPETITOR: 120, ABROAD: 12, TOO_SMALL: 10, SPAM: 20, CUSTOMER: 60}
    pools: Ints = np.array([max(12, len(who) // shrink[k]) for k in range(len(shrink))])
    number: Ints = (draws.uniform("company", who) * pools[kind]).astype(np.int64)
    return kind * _POOL + number


def _countries(draws: Draws, company: Ints, kind: Ints) -> Ints:
    served = draws.choose("country", company, np.array(SERVED_SHARE))
    far = len(SERVED) + draws.below("country", company, len(NOT_SERVED))
    lost = (kind == SPAM) & (draws.uniform("spam abroad", company) < 0.6)
    return np.where((kind == ABROAD) | lost, far, served)


def _employees(draws: Draws, company: Ints, kind: Ints) -> Ints:
    usual = np.clip(np.exp(4.1 + 1.4 * draws.normal("employees", company)), 5, 30_000)
    tiny = 1 + draws.below("tiny", company, 6)
    return np.where(kind == TOO_SMALL, tiny, usual).astype(np.int64)


def _speak_french(draws: Draws, who: Ints, country: Ints) -> Bools:
    share = np.select([country == 0, country == 4, country == 5, country == 14], [0.93, 0.5, 0.35, 0.9], 0.03)
    return draws.uniform("french", who) < share
