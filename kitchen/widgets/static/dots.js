// A dot plot with intervals, from the rows that the printed picture has too.

import { make, svg, folded, ticks, written, widest } from "./draw.js";

const ROW = 34, AXIS = 22, EDGE = 8, GAP = 12;

/** The axis while a slider is held: it grows, and neither shrinks nor slides. */
export function grown(before, now, held) {
  if (!before || !held) return now;
  return [Math.min(before[0], now[0]), Math.max(before[1], now[1])];
}

/** The dots of one plot, a ghost of the answer before and the pinned answer, in an element. */
export class Dots {
  constructor() {
    this.element = make("figure", "dots");
    this.title = make("figcaption", "title");
    this.picture = svg("svg", { "aria-hidden": "true", focusable: "false" });
    this.tag = make("p", "tag");
    this.axis_name = make("p", "axis");
    this.legend = make("p", "legend");
    this.table = make("table", "unseen");
    this.element.append(this.title, this.tag, this.picture, this.axis_name, this.legend, this.table);
    this.axis = null;
  }

  /**
   * @param data the plot: title, axis, rows, limits, headers, scale, signed, zero, legend, pinned
   * @param before the rows of the answer before, by name
   * @param held whether a slider is held
   * @param wide pixels
   */
  draw(data, before, held, wide) {
    this.title.textContent = data.title;
    this.tag.textContent = data.tag ?? "";
    this.axis_name.textContent = data.empty ? "" : data.axis;
    this.tell(data);
    if (data.empty) {
      this.picture.replaceChildren();
      this.picture.setAttribute("height", 0);
      this.legend.textContent = data.empty;
      return;
    }
    const limits = data.pinned
      ? [Math.min(data.limits[0], data.pinned.limits[0]), Math.max(data.limits[1], data.pinned.limits[1])]
      : data.limits;
    this.axis = grown(this.axis, limits, held && data.measure === this.measure);
    this.measure = data.measure;
    const labels = data.rows.map(row => folded(row.label, Math.min(210, 0.34 * wide)));
    const left = Math.min(widest(labels.flat()), 0.36 * wide) + GAP;
    const columns = data.headers.map((header, nth) =>
      widest([header, ...data.rows.map(row => row.texts[nth])]) + GAP);
    const right = columns.reduce((sum, width) => sum + width, EDGE);
    const heads = data.headers.some(Boolean);
    const top = heads ? 24 : 6, bottom = top + ROW * data.rows.length;
    const [low, high] = this.axis, inner = Math.max(wide - left - right, 40);
    const x = value => left + (value - low) / (high - low) * inner;
    const inside = value => value !== null && value >= low && value <= high;

    const lines = svg("g", { class: "grid" });
    for (const value of ticks(low, high, Math.max(2, Math.min(6, Math.floor(inner / 56))))) {
      lines.append(
        svg("line", { x1: x(value), x2: x(value), y1: top, y2: bottom }),
        svg("text", { x: x(value), y: bottom + 16, "text-anchor": "middle" }, written(value, data)),
      );
    }
    if (data.zero && inside(0)) {
      lines.append(svg("line", { class: "zero", x1: x(0), x2: x(0), y1: top, y2: bottom }));
    }
    let column = left + inner + EDGE;
    const edges = columns.map(width => (column += width));
    data.headers.forEach((header, nth) => header && lines.append(
      svg("text", { x: edges[nth], y: top - 8, "text-anchor": "end" }, header)));
    this.axis_name.style.paddingLeft = `${left}px`;

    const rows = data.rows.map((row, nth) => {
      const y = top + ROW * (nth + 0.5), group = svg("g", { class: "row" });
      group.append(svg("rect", { class: "hit", x: 0, y: y - ROW / 2, width: wide, height: ROW }));
      group.dataset.nth = nth;
      const mark = (other, kind, at) => {
        if (!other || other.middle === null) return;
        if (other.low !== null && other.low <= high && other.high >= low) group.append(svg("line", {
          class: `${kind} whisker`, y1: at, y2: at,
          x1: x(Math.max(other.low, low)), x2: x(Math.min(other.high, high)),
        }));
        if (inside(other.middle)) {
          group.append(svg("circle", { class: kind, cx: x(other.middle), cy: at, r: 4 }));
        }
      };
      const ghost = before?.get(row.name);
      if (ghost && ghost.middle !== row.middle) mark(ghost, "ghost", y + 9);
      mark(data.pinned?.rows.find(pin => pin.name === row.name), "pin", y - 9);
      mark(row, row.solid ? "dot" : "dot hollow", y);
      labels[nth].forEach((line, part) => group.append(svg("text", {
        x: left - GAP, y: y + 4.5 + 15 * (part - (labels[nth].length - 1) / 2), "text-anchor": "end",
      }, line)));
      row.texts.forEach((text, part) => group.append(
        svg("text", { class: "figure", x: edges[part], y: y + 4.5, "text-anchor": "end" }, text)));
      return group;
    });
    const tall = bottom + AXIS;
    this.picture.setAttribute("viewBox", `0 0 ${wide} ${tall}`);
    this.picture.setAttribute("height", tall);
    this.picture.replaceChildren(lines, ...rows);
    this.explain(data, before);
  }

  /** What each kind of mark means, where it is there. */
  explain(data, before) {
    const changed = before && data.rows.some(row => {
      const old = before.get(row.name);
      return old && old.middle !== row.middle;
    });
    const kinds = [
      data.legend && ["dot", "95 % interval leaves out 0"],
      data.legend && ["dot hollow", "no significant difference"],
      changed && ["ghost", "before"],
      data.pinned && ["pin", `pinned: ${data.pinned.about}`],
    ].filter(Boolean);
    this.legend.replaceChildren(...kinds.map(([kind, words]) => {
      const item = make("span", "item"), mark = svg("svg", { width: 14, height: 12 });
      mark.append(svg("circle", { class: kind, cx: 7, cy: 6, r: 4 }));
      item.append(mark, words);
      return item;
    }));
  }

  /** The same as a table, for those who do not see it. */
  tell(data) {
    const caption = make("caption", "", [data.title, data.tag, data.axis].filter(Boolean).join("; "));
    const rows = data.rows.map(row => {
      const line = document.createElement("tr"), name = make("th", "", row.name);
      name.scope = "row";
      line.append(name, ...row.texts.map(text => make("td", "", text)), make("td", "", span(row, data)));
      return line;
    });
    const body = document.createElement("tbody");
    body.append(...rows);
    this.table.replaceChildren(caption, body);
  }

  /** Lines of the tooltip of a row. */
  words(data, before, nth) {
    const row = data.rows[nth], ghost = before?.get(row.name);
    const pin = data.pinned?.rows.find(other => other.name === row.name);
    return [
      row.name,
      `${row.texts.filter(Boolean).join(", ")}${span(row, data)}`,
      ghost && ghost.middle !== row.middle && `before: ${ghost.texts[0]}${span(ghost, data)}`,
      pin && `pinned: ${pin.texts[0]}${span(pin, data)}`,
    ].filter(Boolean);
  }
}

function span(row, data) {
  if (row.low === null) return "";
  const form = value => {
    const text = (data.scale * value).toFixed(data.scale === 100 ? 2 : 1);
    return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212");
  };
  return ` (${form(row.low)} to ${form(row.high)})`;
}
