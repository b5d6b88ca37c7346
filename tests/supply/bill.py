"""`python -m tests.supply.bill`: what a user installs, as a CycloneDX bill of materials, from the lock alone.

The same lock gives the same bytes.  Tools that write one put each package's hashes beside an address of the
registry, which is not ours to name: https://cyclonedx.org/docs/1.6/json/#components_items_hashes
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import bot

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "deploy" / "requirements" / "run.txt"
BILL = ROOT / "build" / "sbom.cdx.json"

_PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.*?))? \\\n(?P<rest>(?:    .*\n?)+)", re.M
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_WANTED_BY = re.compile(r"# +(?:via )?([\w.-]+)(?: \(pyproject\.toml\))?$", re.M)


def bill(lock: str) -> dict[str, Any]:
    """The bill of materials of a lock as `make lock` writes it."""
    pins = list(_PIN.finditer(lock))
    refs = {pin["name"]: f"pkg:pypi/{pin['name']}@{pin['version']}" for pin in pins}
    product = {
        "type": "application",
        "bom-ref": "ecotaxa-bot",
        "name": "ecotaxa-bot",
        "version": bot.__version__,
    }
    needs: dict[str, list[str]] = {ref: [] for ref in ("ecotaxa-bot", *refs.values())}
    for pin in pins:
        for parent in _WANTED_BY.findall(pin["rest"]):
            if parent != "via":
                needs[refs.get(parent, parent)].append(refs[pin["name"]])
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product},
        "components": [
            {
                "type": "library",
                "bom-ref": refs[pin["name"]],
                "name": pin["name"],
                "version": pin["version"],
                "purl": refs[pin["name"]],
                "hashes": [{"alg": "SHA-256", "content": it} for it in _HASH.findall(pin["rest"])],
            }
            for pin in pins
        ],
        "dependencies": [{"ref": ref, "dependsOn": on} for ref, on in needs.items()],
    }


if __name__ == "__main__":
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(json.dumps(bill(LOCK.read_text()), indent=2) + "\n")
    sys.stdout.write(f"{BILL.relative_to(ROOT)}\n")
