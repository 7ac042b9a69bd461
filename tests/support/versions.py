"""What differs between the oldest and the newest versions of the libraries that the tests run with."""

import pandas as pd
import scipy


def _version(module) -> tuple[int, int]:
    major, minor = module.__version__.split(".")[:2]
    return int(major), int(minor)


STUDENTS_T = 1e-12 if _version(scipy) >= (1, 15) else 1e-10
"""Relative error of a quantile of Student's t: SciPy 1.14 has that of 2 degrees to 5e-11."""

TO_LAST_BIT = {} if _version(pd) >= (3, 0) else {"float_precision": "round_trip"}
"""Options of `pandas.read_csv` by which floats come back as they were; the default from pandas 3 on."""
