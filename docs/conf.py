# Copyright (c) 2026 The lvs.cluster maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of Sphinx. `make docs` lays the sources out as they lie in the repository, so links work there and on the site alike."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx import addnodes

project = "lvs.cluster"
author = project_copyright = "The lvs.cluster maintainers"

extensions = ["myst_parser", "sphinx_antsibull_ext"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md", "roles/*/README.md", "reference/*.rst"]
# No plugin of the collection reads an environment variable, and an empty index helps nobody.
exclude_patterns = ["reference/environment_variables.rst"]
html_extra_path = ["site"]

nitpicky = True

# Headings are link targets, with the names that they have where the Markdown files are read as they are.
myst_heading_anchors = 4

html_theme = "furo"
html_title = "lvs.cluster"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"source_view_link": ""}
antsibull_ext_color_scheme = "default-autodark"

# What generated pages refer to is documented with Ansible.
ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
PLACES = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
}


def of_ansible(_app, _environment, node, content):
    """Lead a reference to Ansible's own documentation there; any other one that leads nowhere stays an error."""
    name = node["reftarget"]
    place = PLACES.get(name)
    if name.startswith("ansible_collections.ansible."):
        namespace, collection, plugin = name.split(".")[1:]
        place = f"collections/{namespace}/{collection}/{plugin}.html"
    return nodes.reference("", "", content, internal=False, refuri=ANSIBLE + place) if place else None


def without_folders(app, doctree):
    """Make plain text of links to folders, which a site has no page for; one to a folder that is not there stays an error."""
    here = Path(app.env.doc2path(app.env.docname)).parent
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node["reftype"] == "myst" and (here / node["reftarget"]).is_dir():
            node.replace_self(node.children)


def setup(app):
    app.connect("missing-reference", of_ansible)
    app.connect("doctree-read", without_folders)
