"""How much of a file is taken in, so that no file can exhaust the machine."""

import msgspec

MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one file; the defaults leave room for a chain's ten years in one export."""

    file_bytes: int = 500 * MIB
    rows: int = 5_000_000
    columns: int = 500
    cell_chars: int = 32_767
    """What a cell of a spreadsheet can hold."""
    line_chars: int = 1_000_000
    sample_rows: int = 200
    header_within: int = 10
    """Rows from the top among which the headings are looked for."""
    members: int = 5_000
    inflated_bytes: int = 1024 * MIB
    """Unpacked size of one part of a workbook that is read, and twice this for all its parts."""
    inflation: int = 250
    """How many times larger a part over 1 MiB may become when unpacked."""
    memory_bytes: int = 320 * MIB
    """Writable memory of the process that reads a workbook or a Parquet file."""
    cpu_seconds: int = 600
    """Computing time of that process in all."""
    stall_seconds: float = 5.0
    """Its computing time between two signs of life."""
    wall_seconds: float = 60.0
    """Real time between two signs of life."""


DEFAULT = Limits()
