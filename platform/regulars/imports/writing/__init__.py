"""Files out: tables as CSV and XLSX, written while their rows are read, that can come back in."""
