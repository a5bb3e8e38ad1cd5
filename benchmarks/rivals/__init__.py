"""Other maps in Streamlit, each as its own documentation shows it, but asking no outside host.

They draw bare points without tooltips or shading, and read the file once: less than the coverage
map does, so that the comparison favors them.
"""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import xstatic.pkg.leaflet

HERE = Path(__file__).resolve().parent
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
    for name in ("leaflet.js", "leaflet.css"):
        shutil.copy(Path(xstatic.pkg.leaflet.BASE_DIR) / name, static)
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
