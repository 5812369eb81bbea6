"""A plot of lines over logarithmic axes, as SVG."""

from math import floor, log10

WIDTH, HEIGHT = 720, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 230, 40, 50
COLOURS = ["#1f5fa8", "#c2571a", "#2f7d32", "#8fb3d9", "#e8ab85", "#97c79a"]


def svg(title, across, up, lines):
    """`lines` are (name, [(x, y), ...]) with positive numbers."""
    points = [point for _, line in lines for point in line]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    plot = _Axes(min(xs), max(xs), min(ys), max(ys))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{_escaped(title)}</text>',
    ]
    for power in range(plot.low_x, plot.high_x + 1):
        x = plot.x(10**power)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(plot.low_y, plot.high_y + 1):
        y = plot.y(10.0**power)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">{_escaped(across)}</text>')
    parts.append(f'<text x="{LEFT - 8}" y="{TOP - 8}" text-anchor="end">{_escaped(up)}</text>')
    for number, (name, line) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        places = [(plot.x(x), plot.y(y)) for x, y in sorted(line)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        y = TOP + 16 + 20 * number
        parts.append(f'<rect x="{WIDTH - RIGHT + 15}" y="{y - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 31}" y="{y}">{_escaped(name)}</text>')
    return "\n".join(parts + ["</svg>", ""])


class _Axes:
    """Whole powers of ten around the values."""

    def __init__(self, left, right, low, high):
        self.low_x, self.high_x = floor(log10(left)), _above(right)
        self.low_y, self.high_y = floor(log10(low)), _above(high)

    def x(self, value):
        part = (log10(value) - self.low_x) / max(1, self.high_x - self.low_x)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        part = (log10(value) - self.low_y) / max(1, self.high_y - self.low_y)
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _above(value):
    power = floor(log10(value))
    return power if value == 10**power else power + 1


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")
