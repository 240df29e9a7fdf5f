"""Bringing national and regional files into the directory.

`reading` turns a file or an archive into checked lines; `runs` keeps the account of a run and its
steps; `rpps`, `finess` and `regional` know one format each; `bulk` loads tables that are still
small without paying for each index row by row.
"""
