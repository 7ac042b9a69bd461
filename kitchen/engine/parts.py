"""How the parts of the kernel are compiled.

`apart`: a function that is called. `inline`: one that is copied into its callers when machine code is made.
`woven`: one that becomes part of its callers before that and is never compiled by itself, which saves the
most time where it is large and has few of them.
"""

from __future__ import annotations

import numba

# Without the wrappers, which nobody calls, all compiles in three fifths of the time. What is not said of
# `forceinline` a function would take over from its caller.
_OPTIONS = {"error_model": "numpy", "nogil": True, "_nrt": False}
_OPTIONS |= {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
apart = numba.njit(forceinline=False, **_OPTIONS)
inline = numba.njit(forceinline=True, **_OPTIONS)
woven = numba.njit(inline="always", **_OPTIONS)
