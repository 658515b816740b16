"""`make sbom`: writes build/sbom.json, the list of what is delivered (CycloneDX); the same packages, the same bytes.

The tool lists a whole environment. Ours holds the tests' packages too, so it gets one in which only what is delivered
can be seen.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from importlib import metadata
from pathlib import Path
from typing import Any

import intake
from tests.supply.licences import delivered, licence


def sbom() -> str:
    packages = delivered()
    asked_for = sorted(one for one in metadata.requires("intake") or [] if "extra ==" not in one)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = folder / "environment"
        venv.create(environment, symlinks=True)
        (seen,) = environment.glob("lib/python*/site-packages")
        for package in packages.values():
            info = Path(str(package.locate_file(""))) / next(
                file.parts[0] for file in package.files or [] if file.name == "METADATA"
            )
            (seen / info.name).symlink_to(info)
        ours = folder / "pyproject.toml"
        ours.write_text(
            f'[project]\nname = "intake"\nversion = "{intake.__version__}"\nlicense = "Apache-2.0"\n'
            f"dependencies = {json.dumps(asked_for)}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-m", "cyclonedx_py", "environment", str(environment), "--pyproject", str(ours)]
        command += ["--output-reproducible", "--no-validate", "--output-format", "JSON", "--output-file", "-"]
        made = subprocess.run(command, capture_output=True, check=True).stdout
    told: dict[str, Any] = json.loads(made)
    for component in told["components"]:
        # what a package says too loosely is said as it was read
        if not any("expression" in one or "id" in one["license"] for one in component.get("licenses", [])):
            said = licence(packages[component["name"].lower().replace("_", "-")])
            component["licenses"] = [{"expression": said, "acknowledgement": "concluded"}]
    return json.dumps(told, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(sbom(), encoding="utf-8")
