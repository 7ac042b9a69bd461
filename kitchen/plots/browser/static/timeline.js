// The run at a glance: how full each shelf is, what was wasted when, where the kitchens part. It is
// scrubbed by dragging, and a span is looked at closely by dragging with Shift.

import { DISCARD, EXPIRE, countUntil } from "./ledger.js";
import { clock, element } from "./words.js";

const EACH = 58, AXIS = 18, NICE = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 86400];

export class Timeline {
  constructor(player) {
    this.player = player;
    this.root = element("div", "line");
    this.high = EACH * player.ledgers.length + AXIS;
    this.root.style.height = `${this.high}px`;
    this.canvas = element("canvas"); this.canvas.setAttribute("aria-hidden", "true");
    this.range = element("input");
    this.range.type = "range"; this.range.step = "any";
    this.range.setAttribute("aria-label", "time");
    this.cursor = element("i"); this.span = element("b");
    this.span.hidden = true;
    this.root.append(this.canvas, this.range, this.cursor, this.span);
    this.range.addEventListener("input", () => player.scrub(Number(this.range.value)));
    this.range.addEventListener("change", () => player.settle());
    this.range.addEventListener("pointerdown", event => this.#brush(event));
    this.root.addEventListener("dblclick", () => this.look(player.opens, player.end));
    this.look(player.opens, player.end, false);
  }

  /** Look at a span of the run; draw it, unless there is no place for it yet. */
  look(from, to, draw = true) {
    const { opens, end, shortest } = this.player, length = Math.min(Math.max(to - from, shortest), end - opens);
    const start = Math.min(Math.max(from, opens), end - length);
    this.view = [start, start + length];
    this.range.min = start; this.range.max = start + length;
    if (!draw) return;
    this.wide = 0;
    this.fit();
    this.show(this.player.t);
  }

  /** Look closer, or from farther, at the present instant. */
  zoom(factor) {
    const [from, to] = this.view, half = (to - from) * factor / 2, t = this.player.t;
    this.look(t - half, t + half);
  }

  #brush(event) {
    if (!event.shiftKey) return;
    event.preventDefault();
    const box = this.root.getBoundingClientRect(), at = e => Math.min(Math.max(e.clientX - box.left, 0), box.width);
    const begun = at(event), [from, to] = this.view, time = x => from + (to - from) * x / box.width;
    const moved = e => {
      this.span.hidden = false;
      this.span.style.left = `${Math.min(begun, at(e))}px`; this.span.style.width = `${Math.abs(at(e) - begun)}px`;
    };
    const done = e => {
      removeEventListener("pointermove", moved);
      this.span.hidden = true;
      if (Math.abs(at(e) - begun) > 4) this.look(time(Math.min(begun, at(e))), time(Math.max(begun, at(e))));
    };
    addEventListener("pointermove", moved);
    addEventListener("pointerup", done, { once: true });
  }

  fit() {
    const wide = this.root.clientWidth, ratio = devicePixelRatio || 1;
    if (!wide || (wide === this.wide && ratio === this.ratio)) return;
    this.wide = wide; this.ratio = ratio;
    this.canvas.width = wide * ratio; this.canvas.height = this.high * ratio;
    const pen = this.canvas.getContext("2d", { alpha: false });
    pen.scale(ratio, ratio);
    this.#draw(pen, wide);
  }

  #draw(pen, wide) {
    const { player: { ledgers, ink, data, parts } } = this, [from, to] = this.view;
    const x = t => (t - from) / (to - from) * wide;
    pen.fillStyle = ink.back; pen.fillRect(0, 0, wide, this.high);
    ledgers.forEach((ledger, k) => {
      const bottom = (k + 1) * EACH - 3, tall = EACH - 16, size = ledger.time.length;
      const first = Math.max(countUntil(ledger.time, from) - 1, 0), last = Math.min(countUntil(ledger.time, to) + 1, size);
      pen.fillStyle = ink.slot; pen.fillRect(0, bottom - tall, wide, tall);
      ledger.taken.forEach((taken, s) => {
        const capacity = data.shelves[s].capacity;
        if (!capacity) return;
        pen.beginPath(); pen.strokeStyle = data.shelves[s].colour; pen.lineWidth = 1.3;
        pen.moveTo(0, bottom - tall * taken[first] / capacity);
        let drawn = -1;
        for (let row = first; row < last; row++) {
          const at = x(ledger.time[row]);
          if (at - drawn < 0.5 && row < last - 1) continue;  // no more points than pixels
          drawn = at;
          pen.lineTo(at, bottom - tall * taken[row] / capacity); pen.lineTo(at, bottom - tall * taken[row + 1] / capacity);
        }
        pen.stroke();
      });
      for (let row = first; row < last; row++) {
        const event = ledger.event[row];
        if (event !== DISCARD && event !== EXPIRE) continue;
        pen.fillStyle = event === DISCARD ? ink.discarded : ink.expired;
        pen.fillRect(x(ledger.time[row]) - 0.75, bottom - tall - (event === DISCARD ? 10 : 6), 1.5, event === DISCARD ? 9 : 5);
      }
    });
    if (parts !== null && parts >= from && parts <= to) {
      pen.strokeStyle = ink.apart; pen.setLineDash([4, 3]); pen.lineWidth = 1.5;
      pen.beginPath(); pen.moveTo(x(parts), 0); pen.lineTo(x(parts), this.high - AXIS); pen.stroke(); pen.setLineDash([]);
    }
    const step = (to - from) / Math.max(2, Math.floor(wide / 110));
    const nice = NICE.find(n => n >= step) ?? (step < 1 ? step : NICE.at(-1) * Math.ceil(step / NICE.at(-1)));
    pen.fillStyle = ink.dim; pen.font = "11px system-ui, sans-serif"; pen.textBaseline = "middle"; pen.textAlign = "center";
    for (let t = data.opens + nice * Math.ceil((from - data.opens) / nice); t <= to; t += nice) {
      pen.fillRect(x(t), this.high - AXIS, 1, 4);
      const text = clock(t, data).replace(/\.00 s$/, " s"), half = pen.measureText(text).width / 2;
      pen.fillText(text, Math.min(Math.max(x(t), half), wide - half), this.high - AXIS / 2 + 2);
    }
  }

  show(t) {
    const [from, to] = this.view, share = (t - from) / (to - from);
    this.cursor.style.transform = `translateX(${share * (this.wide || 0)}px)`;
    this.cursor.hidden = share < 0 || share > 1;
  }

  /** Keep the instant in view, and tell it to those who hear the page. */
  settle(t) {
    const [from, to] = this.view;
    if (t < from || t > to) this.look(t - (to - from) / 2, t + (to - from) / 2);
    this.range.value = t;
    this.range.setAttribute("aria-valuetext", clock(t, this.player.data));
  }
}
