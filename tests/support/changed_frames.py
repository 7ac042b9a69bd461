"""Changes to a frame in all the usual ways, none of which may reach what it was handed out of."""

import numpy as np
import pandas as pd


def assert_no_change_reaches_back(result, names):
    """Every frame of a result is as it was after a reader has changed it in place."""
    for name in names:
        frame = getattr(result, name)
        before = frame.copy(deep=True)
        number = frame.select_dtypes("number").columns[0]
        if len(frame):
            for column in frame:  # past pandas' copy-on-write
                frame[column].array[:-1] = frame[column].array[1:]
        frame.loc[frame.index[:1], number] = 99
        frame[number] = 0
        frame.iloc[:, -1] = list(frame.iloc[::-1, -1])
        frame.insert(0, "mine", 1)
        frame.columns = [f"{column}!" for column in frame.columns]
        frame.index.name = "changed"
        frame.attrs["note"] = "changed"
        after = getattr(result, name)
        pd.testing.assert_frame_equal(after, before)
        assert after.attrs == {}
        again = getattr(result, name)
        for column in after:
            one, other = np.asarray(after[column].array), np.asarray(again[column].array)
            assert not np.shares_memory(one, other)
