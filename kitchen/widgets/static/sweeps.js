// Lines over one parameter and heat maps over two, from the rows that the printed pictures have too.

import { make, svg, cut, ticks, written, widest, width } from "./draw.js";

const TALL = 380, TOP = 8, BOTTOM = 26, SPACE = 8, BLACK = "#000000";
const BAR = 14;

const shown = colour => (colour === BLACK ? "currentColor" : colour);

/** What both have in common: a figure with a title, axis names, a legend and spots to point at. */
class Chart {
  constructor(answer) {
    this.answer = answer;
    this.element = make("figure", "chart");
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "group");
    this.title = make("figcaption", "title");
    this.up = make("p", "axis");
    this.picture = svg("svg", { "aria-hidden": "true", focusable: "false" });
    this.axis_name = make("p", "axis");
    this.legend = make("p", "legend");
    this.told = make("p", "unseen");
    this.told.setAttribute("aria-live", "polite");
    this.element.append(this.title, this.up, this.picture, this.axis_name, this.legend, this.told);
    this.element.addEventListener("keydown", event => this.key(event));
    this.element.addEventListener("blur", () => this.mark(null));
    this.element.addEventListener("click", event => {
      const spot = event.target.closest?.("[data-nth]");
      if (spot) this.answer.choose(Number(spot.dataset.nth));
    });
    this.at = null;
  }

  draw(data, before, held, wide) {
    this.data = data;
    this.at = null;
    this.title.textContent = data.title;
    this.element.setAttribute("aria-label", `${data.title}. Arrow keys read the figures, which are in the table, too.`);
    this.up.textContent = data.empty ? "" : data.kind === "map" ? `${data.y}, upwards` : data.y.replace("\n", " ");
    this.axis_name.textContent = data.empty ? "" : data.x;
    this.legend.replaceChildren();
    this.picture.replaceChildren();
    this.picture.setAttribute("height", data.empty ? 0 : TALL);
    this.picture.setAttribute("viewBox", `0 0 ${wide} ${TALL}`);
    if (data.empty) this.legend.textContent = data.empty;
    else this.fill(data, wide);
  }

  item(mark, words) {
    const item = make("span", "item");
    item.append(mark, words);
    return item;
  }

  words(data, before, nth) {
    return this.hover(nth).split("\n");
  }

  /** Arrow keys go from spot to spot, and read them out. */
  key(event) {
    const moved = this.next(event.key);
    if (moved === null && event.key === "Enter" && this.at !== null) this.answer.choose(this.at);
    if (moved === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.mark(moved);
  }

  mark(nth) {
    this.at = nth;
    for (const old of this.picture.querySelectorAll(".marked")) old.classList.remove("marked");
    const spot = nth === null ? null : this.picture.querySelector(`[data-nth="${nth}"]`);
    spot?.classList.add("marked");
    this.told.textContent = spot ? this.hover(nth) : "";
    this.answer.tell(spot, spot && this.words(this.data, null, nth));
  }
}

/** Texts below an axis, as many as fit. */
function labels(group, texts, x, y, room) {
  const step = Math.max(1, Math.ceil((widest(texts) + 10) / room));
  texts.forEach((text, nth) => {
    if (nth % step) return;
    group.append(svg("text", { x: x(nth), y, "text-anchor": "middle" }, cut(text, step * room)));
  });
}

export class Lines extends Chart {
  fill(data, wide) {
    const all = data.lines.flatMap(line => [...line.middle, ...line.low, ...line.high]).filter(v => v !== null);
    if (data.signed) all.push(0);
    let low = Math.min(...all), high = Math.max(...all);
    const span = high - low || Math.abs(high) * 0.1 || 0.01;
    [low, high] = [low - 0.05 * span, high + 0.05 * span];
    const heights = ticks(low, high, 6), texts = heights.map(v => written(v, data));
    const left = widest(texts) + SPACE, inner = Math.max(wide - left - SPACE, 40), bottom = TALL - BOTTOM;
    const places = data.places, dots = data.dots;
    const [first, last] = dots ? [-0.5, places.length - 0.5] : [places[0], places.at(-1)];
    const pad = dots ? 0 : 0.03 * inner;
    const x = value => left + pad + (value - first) / (last - first || 1) * (inner - 2 * pad);
    const y = value => bottom - (value - low) / (high - low) * (bottom - TOP);
    const grid = svg("g", { class: "grid" });
    heights.forEach((value, nth) => grid.append(
      svg("line", { x1: left, x2: left + inner, y1: y(value), y2: y(value) }),
      svg("text", { x: left - SPACE / 2, y: y(value) + 4, "text-anchor": "end" }, texts[nth]),
    ));
    if (data.signed) grid.append(svg("line", { class: "zero", x1: left, x2: left + inner, y1: y(0), y2: y(0) }));
    if (dots) labels(grid, data.texts, x, bottom + 18, inner / places.length);
    else for (const value of ticks(first, last, Math.max(2, Math.floor(inner / 80)))) {
      grid.append(svg("text", { x: x(value), y: bottom + 18, "text-anchor": "middle" }, written(value, {})));
    }
    this.picture.append(grid, ...data.lines.map((line, nth) => this.line(data, line, nth, x, y)));
    const edges = [left, ...places.slice(1).map((place, nth) => (x(place) + x(places[nth])) / 2), left + inner];
    places.forEach((_, nth) => {
      const spot = svg("rect", { class: "spot column", x: edges[nth], y: TOP, width: edges[nth + 1] - edges[nth], height: bottom - TOP });
      spot.dataset.nth = nth;
      this.picture.append(spot);
    });
    this.legend.replaceChildren(...data.lines.map(line => {
      const mark = svg("svg", { width: 26, height: 12 });
      mark.append(svg("line", { x1: 0, x2: 26, y1: 6, y2: 6, "stroke-width": 2.2, stroke: shown(line.colour), "stroke-dasharray": dash(line) }));
      return this.item(mark, line.name);
    }));
  }

  line(data, line, nth, x, y) {
    const group = svg("g"), colour = shown(line.colour), number = data.lines.length;
    const there = line.at.map((at, i) => i).filter(i => line.middle[i] !== null);
    const aside = data.dots ? ((nth + 0.5) / number - 0.5) * Math.min(0.6, 0.12 * number) : 0;
    const point = (i, key) => `${x(line.at[i] + aside).toFixed(1)},${y(line[key][i]).toFixed(1)}`;
    if (data.dots) {
      for (const i of there) {
        if (line.low[i] === null) continue;
        const at = x(line.at[i] + aside);
        group.append(svg("line", { x1: at, x2: at, y1: y(line.low[i]), y2: y(line.high[i]), stroke: colour, "stroke-width": 1.8 }));
      }
    } else {
      const banded = there.filter(i => line.low[i] !== null);
      if (banded.length > 1) {
        const edge = [...banded.map(i => point(i, "low")), ...banded.toReversed().map(i => point(i, "high"))];
        group.append(svg("polygon", { points: edge.join(" "), fill: colour, "fill-opacity": number > 6 ? 0.07 : 0.18 }));
      }
      group.append(svg("polyline", { points: there.map(i => point(i, "middle")).join(" "), fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash(line) }));
    }
    for (const i of there) {
      group.append(svg("circle", { cx: x(line.at[i] + aside), cy: y(line.middle[i]), r: number > 12 ? 1.8 : 3.2, fill: colour }));
    }
    return group;
  }

  hover(nth) {
    return this.data.hover[nth];
  }

  next(key) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key], most = this.data.places.length - 1;
    if (step === undefined || this.data.empty) return null;
    return this.at === null ? 0 : Math.max(0, Math.min(most, this.at + step));
  }
}

const dash = line => line.dash.map(length => 2 * length).join(" ") || "none";

export class HeatMap extends Chart {
  fill(data, wide) {
    const texts = data.lines.map(text => cut(text, 0.25 * wide));
    const left = widest(texts) + SPACE, bottom = TALL - BOTTOM;
    const heights = data.limits ? ticks(...data.limits, 6) : [], marks = heights.map(v => written(v, data));
    const right = data.limits ? BAR + widest(marks) + 3 * SPACE : SPACE, inner = Math.max(wide - left - right, 40);
    const across = inner / data.columns.length, up = (bottom - TOP) / data.lines.length;
    const x = column => left + across * column, y = line => bottom - up * (line + 1);
    this.picture.append(dotted());
    const form = this.form(data, across, up);
    data.cells.forEach((cell, nth) => {
      const box = { x: x(cell.column), y: y(cell.line), width: across, height: up };
      if (cell.colour) this.picture.append(svg("rect", { ...box, fill: cell.colour }));
      if (cell.unsure) this.picture.append(svg("rect", { ...box, fill: "url(#dotted)" }));
      if (form && cell.figure !== null) this.picture.append(
        svg("text", { class: "cell", x: box.x + across / 2, y: box.y + up / 2 + 4, "text-anchor": "middle",
          style: `fill: ${cell.ink}; stroke: ${cell.colour}` }, form(cell.figure)));
      const spot = svg("rect", { ...box, class: "spot" });
      spot.dataset.nth = nth;
      this.picture.append(spot);
    });
    const names = svg("g", { class: "grid" });
    labels(names, data.columns, column => x(column) + across / 2, bottom + 18, across);
    const step = Math.max(1, Math.ceil(16 / up));
    texts.forEach((text, line) => {
      if (line % step) return;
      names.append(svg("text", { x: left - SPACE, y: y(line) + up / 2 + 4, "text-anchor": "end" }, text));
    });
    if (data.limits) this.scale(names, data, heights, marks, left + inner + SPACE, bottom);
    this.picture.append(names);
    const legend = data.keys?.map(key => this.item(square(key.colour), key.name)) ?? [data.bar.replace("\n", " ")];
    if (data.cells.some(cell => cell.unsure)) {
      const mark = svg("svg", { width: 16, height: 12 });
      mark.append(dotted(), svg("rect", { width: 16, height: 12, fill: "url(#dotted)" }));
      legend.push(this.item(mark, data.keys ? "no sure winner" : "no significant difference"));
    }
    this.legend.replaceChildren(...legend);
  }

  /** The scale of the colours, to the right. */
  scale(group, data, heights, marks, x, bottom) {
    const [low, high] = data.limits, tall = (bottom - TOP) / data.shades.length;
    data.shades.forEach((shade, nth) => group.append(
      svg("rect", { x, y: bottom - tall * (nth + 1), width: BAR, height: tall + 0.5, fill: shade })));
    const place = value => bottom - (value - low) / (high - low || 1) * (bottom - TOP);
    heights.forEach((value, nth) => group.append(
      svg("text", { x: x + BAR + SPACE / 2, y: place(value) + 4 }, marks[nth])));
  }

  /** How figures are written into the cells: with as many decimals as fit, or not at all. */
  form(data, across, up) {
    const figures = data.cells.map(cell => cell.figure).filter(figure => figure !== null);
    for (const decimals of [2, 1, 0]) {
      const write = figure => {
        const text = (data.scale * figure).toFixed(decimals), sign = data.signed && Number(text) > 0 ? "+" : "";
        return sign + (Number(text) === 0 ? text.replace("-", "") : text.replace("-", "\u2212"));
      };
      if (up > 15 && Math.max(...figures.map(figure => width(write(figure)))) < across - 4) return write;
    }
    return null;
  }

  hover(nth) {
    return this.data.cells[nth].hover;
  }

  next(key) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
    if (!step || this.data.empty) return null;
    if (this.at === null) return 0;
    let { column, line } = this.data.cells[this.at];
    for (;;) {
      column += step[0];
      line += step[1];
      if (column < 0 || line < 0 || column >= this.data.columns.length || line >= this.data.lines.length) return this.at;
      const found = this.data.cells.findIndex(cell => cell.column === column && cell.line === line);
      if (found >= 0) return found;
    }
  }
}

/** A square in a colour, for a legend. */
function square(colour) {
  const mark = svg("svg", { width: 14, height: 12 });
  mark.append(svg("rect", { width: 12, height: 12, fill: colour }));
  return mark;
}

/** The pattern of what is not significant. */
function dotted() {
  const definitions = svg("defs"), pattern = svg("pattern", { id: "dotted", width: 7, height: 7, patternUnits: "userSpaceOnUse" });
  pattern.append(svg("circle", { cx: 2, cy: 2, r: 1, fill: "#5a5a5a" }));
  definitions.append(pattern);
  return definitions;
}
