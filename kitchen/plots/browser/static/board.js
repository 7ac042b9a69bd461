// One kitchen, drawn on a canvas: its shelves, the orders in their slots, its counts and its news.

import { DISCARD, EXPIRE, MOVE, PICKUP } from "./ledger.js";
import { drawnSlots, layout } from "./layout.js";
import { amount, clock, element, percent } from "./words.js";

const FONT = 'system-ui, "Segoe UI", Roboto, Helvetica, Arial, "DejaVu Sans", sans-serif';
const DEEDS = ["placed", "moved", "fetched", "expired", "discarded"];
const NEWS = 3;
const NUMBER = 30;  // pixels of the number in a slot

export class Board {
  constructor(ledger, player) {
    this.ledger = ledger; this.player = player;
    this.root = element("section", "board");
    this.root.setAttribute("aria-label", ledger.strategy);
    const title = element(player.heading, "", ledger.strategy), list = element("dl");
    title.title = ledger.strategy;
    this.cells = {};
    for (const name of ["ready", "on shelves", "delivered", "expired", "discarded", "moves", this.#lostWord()]) {
      const pair = element("div"), cell = element("dd", "", "0");
      pair.append(element("dt", "", name), cell); list.append(pair);
      this.cells[name] = cell.firstChild;
    }
    this.shelves = element("div", "shelves");
    this.newsBox = element("div", "news", " ");
    this.root.append(title, list, this.shelves, this.newsBox);
  }

  #lostWord() { return this.ledger.data.money ? "lost revenue" : "lost value"; }

  /** Lay the shelves out for the present width; nothing to do where it is the same. */
  fit(force = false) {
    const wide = Math.floor(this.shelves.clientWidth), ratio = devicePixelRatio || 1;
    if (!wide || (!force && wide === this.wide && ratio === this.ratio)) return;
    const { data } = this.ledger;
    this.wide = wide; this.ratio = ratio; this.rows = -1;
    this.drawn = data.shelves.map((shelf, s) => drawnSlots(shelf.capacity, this.ledger.slots[s]));
    this.place = layout(this.drawn, wide);
    const high = this.place.high + 2;
    this.sprites = new Map(); this.numbers = [];
    this.canvas = canvasOf(wide, high, ratio);
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", `Shelves of ${this.ledger.strategy}; the table below says the same.`);
    this.pen = penOf(this.canvas, ratio);
    this.ground = canvasOf(wide, high, ratio);
    this.shelves.style.height = `${high}px`;
    this.shelves.replaceChildren(this.canvas);
    this.heads = data.shelves.map((shelf, s) => {
      const at = this.place.shelves[s], head = element("div", "head"), count = element("span", "", " ");
      head.append(element("span", "", shelf.name), count);
      head.title = `${shelf.name}: ${shelf.capacity.toLocaleString("en")} slots`;
      head.style.cssText = `left:${at.x}px;top:${at.y}px;width:${at.wide}px`;
      this.shelves.append(head);
      return count.firstChild;
    });
    this.#drawGround();
  }

  #drawGround() {
    const pen = penOf(this.ground, this.ratio), { cellWide, cellHigh } = this.place, { ink } = this.player;
    pen.fillStyle = ink.back; pen.fillRect(0, 0, this.wide, this.place.high + 2);
    pen.fillStyle = ink.slot; pen.strokeStyle = ink.line;
    this.place.shelves.forEach(({ at }, s) => {
      for (let i = 0; i < this.drawn[s]; i++) {
        const [x, y] = at(i);
        pen.fillRect(x, y, cellWide, cellHigh);
        if (cellHigh > 9) pen.strokeRect(x + 0.5, y + 0.5, cellWide - 1, cellHigh - 1);
      }
    });
  }

  /** Draw the kitchen at t; what has just happened is under way for `flight` seconds. */
  draw(t, flight, apart) {
    if (!this.place) return;
    const { ledger, place, pen, player: { ink, hover } } = this, { here, left } = ledger.at(t, flight), flying = [];
    pen.drawImage(this.ground, 0, 0, this.wide, place.high + 2);
    for (const stay of left) {
      const gone = (t - stay.end) / flight, [x, y] = place.shelves[stay.shelf].at(stay.slot);
      const back = stay.exit === PICKUP ? ink.fetched : stay.exit === EXPIRE ? ink.half : ink.low;
      const edge = stay.exit === PICKUP ? null : stay.exit === EXPIRE ? ink.expired : ink.discarded;
      this.#cell(x + (stay.exit === PICKUP ? 24 * gone : 0), y + (stay.exit === DISCARD ? 14 * gone : 0),
        stay.order, ledger.value(stay, stay.end), { opacity: 1 - gone, back, edge });
    }
    for (const stay of here) {
      const value = ledger.value(stay, t), since = t - stay.begin, fresh = flight > 0 && since < flight;
      if (fresh && stay.from) { flying.push([stay, value, smooth(since / flight)]); continue; }
      const [x, y] = place.shelves[stay.shelf].at(stay.slot), is = apart.has(stay.order);
      this.#cell(x, fresh ? y - 12 * (1 - smooth(since / flight)) : y, stay.order, value, {
        opacity: fresh ? 0.3 + 0.7 * smooth(since / flight) : 1,
        edge: hover === stay.order ? ink.accent : is ? ink.apart : null, dashed: is, moved: stay.from !== null,
      });
    }
    for (const [stay, value, gone] of flying) {
      const [x0, y0] = place.shelves[stay.from.shelf].at(stay.from.slot), [x, y] = place.shelves[stay.shelf].at(stay.slot);
      this.#cell(x0 + gone * (x - x0), y0 + gone * (y - y0), stay.order, value, { edge: ink.ink, moved: true });
    }
    this.here = here;
    this.#count(t);
  }

  #cell(x, y, order, value, { opacity = 1, back = null, edge = null, dashed = false, moved = false }) {
    const { pen, place: { cellWide, cellHigh, named }, player: { ink }, ledger } = this;
    const temp = ledger.data.temps[ledger.data.orders.temp[order]];
    pen.globalAlpha = opacity;
    pen.fillStyle = back ?? ink.back; pen.fillRect(x, y, cellWide, cellHigh);
    if (!named) {
      pen.fillStyle = temp.colour; pen.fillRect(x, y + cellHigh * (1 - value), cellWide, cellHigh * value);
      if (cellHigh >= 20) pen.drawImage(this.#sprite(order), x, y, cellWide, cellHigh);
    } else {
      if (!back) {
        pen.fillStyle = value < 0.25 ? ink.low : value < 0.5 ? ink.half : ink.full;
        pen.fillRect(x + 17, y, (cellWide - 17) * value, cellHigh);
      }
      pen.drawImage(this.#sprite(order), x, y, cellWide, cellHigh);
      pen.drawImage(this.#number(ledger.spoilt(value) ? "bad" : `${Math.round(100 * value)}`), x + cellWide - NUMBER, y, NUMBER, cellHigh);
      if (moved) {
        pen.fillStyle = ink.dim;
        pen.beginPath(); pen.moveTo(x + cellWide - 7, y); pen.lineTo(x + cellWide, y); pen.lineTo(x + cellWide, y + 7); pen.fill();
      }
    }
    if (edge || cellHigh > 9) {
      pen.strokeStyle = edge ?? ink.line; pen.lineWidth = edge ? 2 : 1;
      if (dashed) pen.setLineDash([4, 3]);
      const inset = edge ? 1 : 0.5;
      pen.strokeRect(x + inset, y + inset, cellWide - 2 * inset, cellHigh - 2 * inset);
      pen.setLineDash([]);
    }
    pen.globalAlpha = 1;
  }

  /** What is the same in every picture of a dish: its letter and its name, drawn once. */
  #sprite(order) {
    const { orders, temps } = this.ledger.data, key = `${orders.temp[order]} ${orders.name[order]}`;
    let made = this.sprites.get(key);
    if (made) return made;
    const { cellWide, cellHigh, named } = this.place, temp = temps[orders.temp[order]];
    made = canvasOf(cellWide, cellHigh, this.ratio);
    const pen = penOf(made, this.ratio, true), middle = cellHigh / 2 + 0.5;
    if (named) { pen.fillStyle = temp.colour; pen.fillRect(0, 0, 17, cellHigh); }
    pen.fillStyle = named ? temp.ink : "#000"; pen.font = `700 11px ${FONT}`; pen.textAlign = "center";
    pen.fillText(temp.letter, named ? 8.5 : cellWide / 2, middle);
    if (named) {
      pen.beginPath(); pen.rect(20, 0, cellWide - 22 - NUMBER, cellHigh); pen.clip();
      pen.fillStyle = this.player.ink.ink; pen.font = `12px ${FONT}`; pen.textAlign = "left";
      pen.fillText(this.player.name(order).slice(0, 60), 20, middle);
    }
    this.sprites.set(key, made);
    return made;
  }

  #number(text) {
    let made = this.numbers[text];
    if (made) return made;
    made = canvasOf(NUMBER, this.place.cellHigh, this.ratio);
    const pen = penOf(made, this.ratio, true);
    pen.textAlign = "right"; pen.fillStyle = this.player.ink.ink; pen.font = `12px ${FONT}`;
    pen.fillText(text, NUMBER - 4, this.place.cellHigh / 2 + 0.5);
    return (this.numbers[text] = made);
  }

  #count(t) {
    const now = this.ledger.counts(t), { data } = this.ledger;
    if (now.rows === this.rows && now.ready === this.readyShown) return;
    this.rows = now.rows; this.readyShown = now.ready;
    const texts = {
      ready: `${now.ready.toLocaleString("en")} of ${data.orders.ready.length.toLocaleString("en")}`,
      "on shelves": now.standing, delivered: now.delivered, expired: now.expired, discarded: now.discarded, moves: now.moves,
      [this.#lostWord()]: amount(this.player.lost(now), data),
    };
    for (const name in texts) set(this.cells[name], typeof texts[name] === "number" ? texts[name].toLocaleString("en") : texts[name]);
    data.shelves.forEach((shelf, s) =>
      set(this.heads[s], `${this.ledger.taken[s][now.rows].toLocaleString("en")}/${shelf.capacity.toLocaleString("en")}`));
    const lines = [];
    for (let row = now.rows - 1; row >= 0 && lines.length < NEWS; row--) lines.push(this.line(row));
    set(this.newsBox.firstChild, lines.join("\n") || "nothing has happened yet");
  }

  /** An event in words; of a discard also why, by the rule's scores. */
  line(row) {
    const { ledger } = this, { shelves } = ledger.data, event = ledger.event[row], order = ledger.order[row];
    const from = shelves[ledger.from[row]]?.name, to = shelves[ledger.to[row]]?.name;
    const where = event === MOVE ? `${from} \u2192 ${to}` : to ? `on ${to}` : from ? `from ${from}` : event === DISCARD ? "no room" : "at once";
    const others = ledger.why.get(row);
    const why = others ? `, score ${score(others, order)}, lowest of ${others.length}` : "";
    return `${clock(ledger.time[row], ledger.data)}  ${DEEDS[event]}: ${this.player.name(order)}, ${where}${why}`;
  }

  /** The order under a point of the canvas; null where there is none. */
  under(x, y) {
    const { cellWide, cellHigh, shelves } = this.place;
    const found = (this.here ?? []).find(stay => {
      const [left, top] = shelves[stay.shelf].at(stay.slot);
      return x >= left && x < left + cellWide && y >= top && y < top + cellHigh;
    });
    return found ? found.order : null;
  }

  /** The kitchen in words, for those who do not see the picture. */
  tell(t) {
    if (!this.canvas) return;  // out of sight, so not laid out yet
    const { here } = this.ledger.at(t), { shelves } = this.ledger.data;
    this.canvas.setAttribute("aria-label", shelves.map((shelf, s) => {
      const own = here.filter(stay => stay.shelf === s);
      const some = own.slice(0, 20).map(stay => `${this.player.name(stay.order)} ${percent(this.ledger.value(stay, t))}`);
      return `${shelf.name}, ${own.length} of ${shelf.capacity}: ${some.join(", ")}${own.length > 20 ? " and more" : ""}`;
    }).join(". "));
  }
}

/** The score that a rule gave an order, as text. */
export function score(candidates, order) {
  const own = candidates.find(([whose]) => whose === order);
  return own && Number.isFinite(own[1]) ? Number(own[1].toPrecision(3)).toString() : "none";
}

const smooth = x => (x < 0 ? 0 : x > 1 ? 1 : x * x * (3 - 2 * x));
const set = (node, text) => { if (node.data !== String(text)) node.data = String(text); };

function canvasOf(wide, high, ratio) {
  const made = element("canvas");
  made.width = Math.max(1, Math.round(wide * ratio)); made.height = Math.max(1, Math.round(high * ratio));
  made.style.cssText = `width:${wide}px;height:${high}px`;
  return made;
}

function penOf(canvas, ratio, alpha = false) {
  const pen = canvas.getContext("2d", { alpha });
  pen.scale(ratio, ratio); pen.textBaseline = "middle";
  return pen;
}
