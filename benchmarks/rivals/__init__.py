"""Other maps in Streamlit, each as its own documentation shows it, but asking no outside host.

They draw points without shading, all but one without names, and read the file once: less than the
coverage map does, so that the comparison favors them. They are served with uvloop as it is.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import xstatic.pkg.leaflet

HERE = Path(__file__).resolve().parent
BARE = HERE / "bare"  # first in a server's path, it is without uvloop, as pip installs Streamlit
CLUSTERS = "leaflet.markercluster"
CLUSTERS_VERSION = "1.5.3"
CLUSTER_FILES = (f"{CLUSTERS}.js", "MarkerCluster.css", "MarkerCluster.Default.css")


def place(folder: Path) -> Path:
    """Copy the scripts to a folder of their own with the Leaflet that they need; return it.

    Raises
    ------
    OSError, subprocess.CalledProcessError
        npm, from which the clusters' script comes, is missing or found nothing.
    """
    static = folder / "static"
    static.mkdir(parents=True, exist_ok=True)
    for script in HERE.glob("[a-z]*.py"):
        shutil.copy(script, folder)
    leaflet = Path(xstatic.pkg.leaflet.BASE_DIR)
    for name in ("leaflet.js", "leaflet.css"):
        shutil.copy(leaflet / name, static)
    shutil.copytree(leaflet / "images", static / "images", dirs_exist_ok=True)
    if not all((static / name).exists() for name in CLUSTER_FILES):
        _fetch_clusters(static)
    return folder


def _fetch_clusters(static: Path) -> None:
    package = f"{CLUSTERS}@{CLUSTERS_VERSION}"
    command = ["npm", "pack", "--silent", package, "--pack-destination", str(static.parent)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(static.parent / f"{CLUSTERS}-{CLUSTERS_VERSION}.tgz") as packed:
        for name in CLUSTER_FILES:
            member = packed.extractfile(f"package/dist/{name}")
            if member is None:
                raise FileNotFoundError(name)
            (static / name).write_bytes(member.read())
