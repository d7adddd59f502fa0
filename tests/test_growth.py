"""Nothing grows with what it does not touch: the table of make bench-growth, each row below its bar."""

import growth
import pytest


@pytest.mark.parametrize("row", growth.ROWS, ids=lambda row: row.name)
def test_row(row):
    assert row.faults(row.values()) == []
