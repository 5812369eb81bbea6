"""What was measured, as Markdown for people and as values for JSON."""

from dataclasses import asdict, dataclass, field
from statistics import median

from timing.tools import Tool

_REFERENCE = "umoci"


@dataclass
class Row:
    """One tool on one input. After a failure nothing else counts."""

    tool: Tool
    runs: list = field(default_factory=list)  # Cost, one for each timed run
    outputs: list = field(default_factory=list)  # the sizes of the layers by name, one for each timed run
    failure: str = ""

    @property
    def wall(self):
        return median(cost.wall for cost in self.runs)

    @property
    def size(self):
        return sum(self.outputs[-1].values())

    @property
    def is_reproducible(self):
        return all(output == self.outputs[0] for output in self.outputs)

    def values(self):
        told = {"tool": self.tool.key, "label": self.tool.label, "command": self.tool.command}
        if self.failure:
            return told | {"failed": self.failure}
        runs = [asdict(cost) for cost in self.runs]
        return told | {"runs": runs, "layers": self.outputs[-1], "reproducible": self.is_reproducible}


def table(rows, floor):
    """A Markdown table. `floor`: the smallest peak that can be told, in MB."""
    reference = next((row for row in rows if row.tool.key == _REFERENCE and not row.failure), None)
    lines = [
        f"| tool | wall s: median (min–max) | ratio to {_REFERENCE} | CPU s | peak MB | output MB | ratio to {_REFERENCE} |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in _cells(row, reference, floor)) + " |")
    return "\n".join(lines)


def _cells(row, reference, floor):
    if row.failure:
        return [row.tool.label, f"failed: {row.failure}", "", "", "", "", ""]
    walls = [cost.wall for cost in row.runs]
    peak = max(cost.peak for cost in row.runs)
    return [
        row.tool.label,
        f"{row.wall:.2f} ({min(walls):.2f}–{max(walls):.2f})",
        f"{row.wall / reference.wall:.2f}" if reference else "–",
        f"{median(cost.cpu for cost in row.runs):.2f}",
        f"≤ {floor:.0f}" if peak <= floor * 1.05 else f"{peak:.0f}",
        f"{row.size / 1e6:.2f}",
        f"{row.size / reference.size:.2f}" if reference else "–",
    ]


def start_line(walls):
    low, middle, high = (1000 * of(walls) for of in (min, median, max))
    return f"Start-up, `coracle --version` through bash: {middle:.1f} ms ({low:.1f}–{high:.1f}), median of {len(walls)}"
