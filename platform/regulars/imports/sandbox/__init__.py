"""What runs in a child process under limits: reading workbooks and Parquet files.

Nothing here imports Django, so that a child starts in a tenth of a second; it speaks to its
parent (`reading.supervisor`) in the frames of `wire` alone.
"""
