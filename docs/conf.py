"""How Sphinx makes the site of these pages: tools/site calls it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

project = html_title = "Faultline"
author = "The Faultline authors"

extensions = ["myst_parser", "siting.sources", "siting.trying"]
exclude_patterns = ["figures"]  # pictures and their numbers: no pages
myst_heading_anchors = 4
highlight_language = "none"

html_theme = "furo"
html_static_path = ["../tools/siting/static"]
html_css_files = ["print.css", "try.css"]
html_copy_source = False
html_show_copyright = False
html_show_search_summary = False  # a page from file:// may not read others
