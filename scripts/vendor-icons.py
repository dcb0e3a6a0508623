"""Rebuild static/base/icons.svg from an unpacked copy of the npm package @tabler/icons.

    python scripts/vendor-icons.py path/to/package

Only the icons named in static/vendor/tabler-icons/icons.txt are taken, so that the sprite stays small. To use another
one, add its name there and run this again.
"""

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPRITE = ROOT / "static" / "base" / "icons.svg"
VENDOR = ROOT / "static" / "vendor" / "tabler-icons"


def symbol(name: str, source: str, *, filled: bool) -> str:
    """One <symbol>: the shapes of the drawing without Tabler's empty bounding box."""
    inner = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    if inner is None:
        raise SystemExit(f"{name}: not a drawing")
    shapes = re.sub(r'<path[^>]*d="M0 0h24v24H0z"[^>]*/>', "", inner.group(1))
    shapes = re.sub(r"\s*\n\s*", "", shapes).replace(" />", "/>").strip()
    paint = (
        'fill="currentColor" stroke="none"'
        if filled
        else 'fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    )
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{shapes}</symbol>'


def main(package: Path) -> None:
    symbols = []
    for name in (VENDOR / "icons.txt").read_text().split():
        filled = name.endswith("-filled")
        drawing = package / "icons" / ("filled" if filled else "outline") / f"{name.removesuffix('-filled')}.svg"
        if not drawing.exists():
            raise SystemExit(f"Not in this version of the package: {name}")
        symbols.append(symbol(name, drawing.read_text(), filled=filled))
    SPRITE.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n")
    shutil.copy(package / "LICENSE", VENDOR / "LICENSE")
    version = json.loads((package / "package.json").read_text())["version"]
    (VENDOR / "VERSION").write_text(f"@tabler/icons {version}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
