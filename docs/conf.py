"""Configuration of the documentation, built by Sphinx: ``make docs``."""

from safelight.version import VERSION

project = "Safelight"
release = VERSION
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "Safelight"

# A reference that leads nowhere is an error: the build runs with -W.
nitpicky = True
nitpick_ignore_regex = [
    # Types of the standard library and of libraries, whose documentation is not installed.
    ("py:class", r"(collections|datetime|enum|pathlib|typing|numpy|pydicom|re)\..*"),
    # Words of numpydoc's type descriptions.
    ("py:class", r"optional|sequence|iterable|mapping|callable|.* or .*|.* of .*|default.*"),
]

autodoc_typehints = "none"
autosummary_generate = True
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
