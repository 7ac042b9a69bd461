// The player: one or two kitchens, a clock, and the controls that move it.

import { Ledger, countUntil, differing, parting } from "./ledger.js";
import { Board, score } from "./board.js";
import { Timeline } from "./timeline.js";
import { amount, clock, element, percent } from "./words.js";

const WHOLE_S = 45;  // seconds that a run takes at the usual speed
const FLIGHT_S = 0.35;  // seconds that a move takes on the screen
const SPEEDS = [0.125, 0.25, 0.5, 1, 2, 4, 8];
const COLOURS = ["ink", "dim", "line", "back", "slot", "accent", "full", "half", "low", "apart", "discarded", "expired", "fetched"];
const KEYS = "Space plays, the arrow keys go from event to event, Home and End to the ends, P to where the kitchens part, plus and minus look closer and from farther.";

export class Player {
  /** `hooks.moved(t)` is called when the clock stands still, `hooks.frame()` for each picture. */
  constructor(host, data, hooks = {}) {
    this.data = data; this.hooks = hooks;
    this.ledgers = data.kitchens.map((_, k) => new Ledger(data, k));
    this.opens = data.opens;
    this.end = Math.max(...this.ledgers.map(ledger => ledger.end), this.opens + 0.001);
    data.long = this.end;
    this.shortest = (this.end - this.opens) / 400;
    this.times = Float64Array.from(new Set(this.ledgers.flatMap(ledger => Array.from(ledger.time)))).sort();
    this.parts = this.ledgers.length === 2 ? parting(...this.ledgers) : null;
    this.t = this.opens; this.speed = (this.end - this.opens) / WHOLE_S;
    this.playing = false; this.hover = null; this.pictures = 0; this.plays = 0;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.#build(host);
    this.#follow(host);
    this.fit();
    this.go(data.begin);
  }

  name(order) { return this.data.orders.names[this.data.orders.name[order]]; }
  lost(counts) { return this.data.money ? counts.lostRevenue : counts.lost; }

  #build(host) {
    const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(PLAYER_CSS);
    shadow.adoptedStyleSheets = [sheet];
    host.setAttribute("data-lm-suppress-shortcuts", "true");  // or JupyterLab takes the keys
    const root = (this.root = element("div", "kitchen"));
    root.tabIndex = 0; root.setAttribute("role", "group"); root.setAttribute("translate", "no");
    root.setAttribute("aria-label", `Kitchen under ${this.ledgers.map(ledger => ledger.strategy).join(" and ")}. ${KEYS}`);
    this.heading = host.dataset.heading ?? "h3";
    this.boards = this.ledgers.map(ledger => new Board(ledger, this));
    this.line = new Timeline(this);
    const pair = element("div", "pair");
    pair.append(...this.boards.map(board => board.root));
    this.difference = element("div", "difference", " ");
    this.difference.hidden = this.ledgers.length !== 2;
    this.tip = element("div", "tip");
    this.said = element("div", "said"); this.said.setAttribute("aria-live", "polite");
    this.words = element("details"); this.words.append(element("summary", "", "The shelves as a table"), element("div", "words"));
    this.words.addEventListener("toggle", () => this.#table());
    root.append(this.#bar(), this.difference, this.line.root, pair, this.#legend(), this.words, this.tip, this.said);
    shadow.replaceChildren(root);
    root.addEventListener("keydown", event => this.#key(event));
    pair.addEventListener("pointermove", event => this.#point(event));
    pair.addEventListener("pointerleave", () => this.#unpoint());
  }

  #bar() {
    const bar = element("div", "bar");
    const button = (text, label, act) => {
      const made = element("button", "", text);
      made.type = "button"; made.title = label; made.setAttribute("aria-label", label);
      made.addEventListener("click", act);
      bar.append(made);
      return made;
    };
    this.playButton = button("Play", "play or pause (Space)", () => this.toggle());
    this.playButton.className = "play";
    button("|\u25c0\ufe0e", "to the start (Home)", () => this.go(this.opens));
    button("\u25c0\ufe0e", "to the event before (left arrow)", () => this.step(-1));
    button("\u25b6\ufe0e", "to the next event (right arrow)", () => this.step(1));
    if (this.ledgers.length === 2) {
      const words = this.parts === null ? "they never part" : "where they part";
      button(words, `${words} (P): the first instant at which the two kitchens differ`, () => this.go(this.parts)).disabled = this.parts === null;
    }
    button("\u2212", "see more of the timeline (minus)", () => this.line.zoom(2));
    button("+", "look closer at the timeline (plus)", () => this.line.zoom(0.5));
    this.select = element("select"); this.select.setAttribute("aria-label", "speed");
    for (const factor of SPEEDS) {
      const option = element("option", "", `${Number((factor * this.speed).toPrecision(2)).toLocaleString("en")} \u00d7`);
      option.value = factor * this.speed; option.selected = factor === 1;
      this.select.append(option);
    }
    this.select.addEventListener("change", () => { this.speed = Number(this.select.value); });
    this.now = element("span", "now", " ");
    bar.append(this.select, this.now);
    return bar;
  }

  #legend() {
    const key = element("div", "key");
    for (const temp of this.data.temps) {
      const mark = element("i", "", temp.letter);
      mark.style.cssText = `background:${temp.colour};color:${temp.ink}`;
      key.append(mark, temp.name);
    }
    const two = this.ledgers.length === 2 ? " Dashed: stands differently in the other kitchen." : "";
    key.append(element("div", "", `Bar and number: percent of a fresh order's value; marked corner: moved here.${two} Timeline: how full each shelf is; long marks: discarded, short marks: expired; drag with Shift to look closer.`));
    return key;
  }

  /** Follow the width, the theme, and whether anybody sees it. */
  #follow(host) {
    this.seen = true;
    this.watches = [new ResizeObserver(() => { if (this.ink.back) this.fit(); else this.theme(); }), new IntersectionObserver(([entry]) => { this.seen = entry.isIntersecting; })];
    for (const watch of this.watches) watch.observe(this.root);
    const dark = matchMedia("(prefers-color-scheme: dark)"), theme = () => {
      const lab = document.body?.dataset.jpThemeLight, page = document.documentElement.dataset.theme;
      const said = host.dataset.theme ?? (lab === undefined ? page : lab === "true" ? "light" : "dark");
      const is = said === undefined || said === "" ? dark.matches : said === "dark";
      this.root.classList.toggle("dark", is);
      const style = getComputedStyle(this.root);  // says nothing until it has its place in the page
      this.ink = Object.fromEntries(COLOURS.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
      this.fit(true);
    };
    this.theme = theme;
    theme();
    dark.addEventListener("change", theme);
    const changes = new MutationObserver(theme);
    for (const node of [document.body, document.documentElement]) {
      if (node) changes.observe(node, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-theme", "class"] });
    }
    this.watches.push(changes, { disconnect: () => dark.removeEventListener("change", theme) });
  }

  fit(force = false) {
    for (const board of this.boards) board.fit(force);
    if (force) this.line.wide = 0;
    this.line.fit();
    this.show(this.t);
  }

  /** Show the kitchens after all events until t. */
  show(t) {
    this.t = t = Math.min(Math.max(t, this.opens), this.end);
    const flight = this.playing && !this.calm.matches ? FLIGHT_S * this.speed : 0, apart = this.#apart(t);
    for (const board of this.boards) board.draw(t, flight, apart);
    const text = `${clock(t, this.data)} of ${clock(this.end, this.data)}`;
    if (this.now.firstChild.data !== text) this.now.firstChild.data = text;
    this.line.show(t);
    this.pictures++;
  }

  #apart(t) {
    if (this.ledgers.length !== 2) return new Set();
    const rows = this.ledgers.map(ledger => countUntil(ledger.time, t)), key = rows.join(" ");
    if (key !== this.apartKey) {
      this.apartKey = key;
      this.apartNow = differing(...this.ledgers, t);
      const text = this.#differenceText(this.ledgers.map(ledger => ledger.counts(t)));
      if (this.difference.textContent !== text) this.difference.textContent = text;
    }
    return this.apartNow;
  }

  #differenceText(counts) {
    const [one, other] = counts.map(own => this.lost(own)), [first, second] = this.ledgers.map(ledger => ledger.strategy);
    const what = this.data.money ? "" : " orders' value";
    if (Math.abs(one - other) < 0.005) return `So far both have lost ${amount(one, this.data)}${what}`;
    const [less, more] = one < other ? [first, second] : [second, first];
    return `So far ${more} has lost ${amount(Math.abs(one - other), this.data)}${what} more than ${less}`;
  }

  settle() {
    this.line.settle(this.t);
    for (const board of this.boards) board.tell(this.t);
    this.said.textContent = `${clock(this.t, this.data)}. ${this.ledgers.map((ledger, k) => {
      const now = ledger.counts(this.t);
      return `${ledger.strategy}: ${now.standing} on shelves, ${now.discarded} discarded, ${now.expired} expired. ${now.rows ? this.boards[k].line(now.rows - 1) : ""}`;
    }).join(" ")}`;
    this.#table();
    this.hooks.moved?.(this.t);
  }

  #table() {
    if (!this.words.open) return;
    const table = element("table"), head = element("tr");
    for (const text of ["strategy", "shelf", "order", "temp", "value", "courier in"]) head.append(element("th", "", text));
    table.append(head);
    for (const ledger of this.ledgers) {
      for (const stay of ledger.at(this.t).here) {
        const row = element("tr"), pickup = this.data.orders.pickup[stay.order];
        const cells = [ledger.strategy, this.data.shelves[stay.shelf].name, this.name(stay.order), this.data.temps[this.data.orders.temp[stay.order]].name,
          percent(ledger.value(stay, this.t)), pickup === null ? "nobody comes" : `${Math.round(pickup - this.t).toLocaleString("en")} s`];
        for (const text of cells) row.append(element("td", "", text));
        table.append(row);
      }
    }
    this.words.lastChild.replaceChildren(table);
  }

  go(t) { this.pause(); this.show(t); this.settle(); }
  scrub(t) { this.pause(); this.show(t); }

  step(by) {
    const place = by > 0 ? countUntil(this.times, this.t) : countUntil(this.times, this.t - 1e-9) - 1;
    this.go(place < 0 ? this.opens : place >= this.times.length ? this.end : this.times[place]);
  }

  toggle() {
    if (!this.playing) return this.play();
    this.pause();
    this.settle();
  }

  play() {
    if (this.playing) return;
    if (this.t >= this.end) this.show(this.opens);
    this.playing = true; this.playButton.textContent = "Pause";
    const nth = ++this.plays;  // or a frame of before a short pause would go on beside this
    let last = null;
    const tick = now => {
      if (!this.playing || nth !== this.plays) return;
      if (last !== null && this.seen) {
        this.show(this.t + Math.min(now - last, 100) / 1000 * this.speed);
        if (this.pictures % 10 === 0) this.line.range.value = this.t;
      }
      last = now;
      this.hooks.frame?.(now);
      if (this.t >= this.end) this.go(this.end); else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  pause() {
    if (!this.playing) return;
    this.playing = false; this.playButton.textContent = "Play";
    this.show(this.t);
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const from = event.composedPath()[0];
    if (from === this.select || (event.key === " " && ["BUTTON", "SUMMARY"].includes(from.tagName))) return;
    const part = () => { if (this.parts !== null) this.go(this.parts); };
    const act = {
      " ": () => this.toggle(), ArrowLeft: () => this.step(-1), ArrowRight: () => this.step(1),
      Home: () => this.go(this.opens), End: () => this.go(this.end), p: part, P: part,
      "+": () => this.line.zoom(0.5), "-": () => this.line.zoom(2),
    }[event.key];
    if (!act) return;
    act();
    event.preventDefault(); event.stopPropagation();
  }

  #point(event) {
    const board = this.boards.find(own => own.canvas === event.target);
    const order = board ? board.under(event.offsetX, event.offsetY) : null;
    if (order !== this.hover) {
      this.hover = order;
      if (!this.playing) this.show(this.t);
    }
    if (order === null) { this.tip.style.display = "none"; return; }
    this.tip.textContent = this.about(order);
    this.tip.style.display = "block";
    const box = this.root.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const over = x + 14 + this.tip.offsetWidth > box.width;
    this.tip.style.left = `${Math.max(over ? x - this.tip.offsetWidth - 10 : x + 14, 0)}px`;
    this.tip.style.top = `${y + 14}px`;
  }

  /** What there is to say of an order now, a line a fact. */
  about(order) {
    const { orders, temps, shelves } = this.data, pickup = orders.pickup[order], price = orders.price[order];
    const lines = [
      `${this.name(order)} (${temps[orders.temp[order]].name}${this.data.money ? `, ${amount(price, this.data)}` : ""})`,
      `ready ${clock(orders.ready[order], this.data)}, ${pickup === null ? "nobody comes" : `courier ${clock(pickup, this.data)}`}`,
      `shelf life ${Math.round(orders.life[order]).toLocaleString("en")} s, decay rate ${orders.rate[order]}`,
    ];
    for (const ledger of this.ledgers) {
      const stay = ledger.at(this.t).here.find(own => own.order === order);
      const age = this.t - orders.ready[order], weighted = stay ? stay.weighted + stay.pace * (this.t - stay.begin) : 0;
      lines.push(`${ledger.strategy}: ${stay
        ? `${shelves[stay.shelf].name}, ${percent(ledger.value(stay, this.t))}, age ${age.toFixed(0)} s, weighted ${weighted.toFixed(0)} s${stay.moves ? `, moved ${stay.moves} times` : ""}`
        : "not on a shelf"}`);
      const row = this.#decision(ledger, order);
      if (row !== null) lines.push(`score ${score(ledger.why.get(row), order)} when ${this.name(ledger.order[row])} was discarded (score ${score(ledger.why.get(row), ledger.order[row])})`);
    }
    return lines.join("\n");
  }

  /** The row of the last discard before now in which the order was a candidate. */
  #decision(ledger, order) {
    for (let row = countUntil(ledger.time, this.t) - 1, seen = 0; row >= 0 && seen < 400; row--, seen++) {
      if (ledger.why.get(row)?.some(([whose]) => whose === order)) return row;
    }
    return null;
  }

  #unpoint() {
    this.hover = null; this.tip.style.display = "none";
    if (!this.playing) this.show(this.t);
  }

  /** Go on as another player that stood in this place: as fast, and playing if it was. */
  like(other) {
    this.select.selectedIndex = other.select.selectedIndex;
    this.speed = Number(this.select.value);
    if (other.played) this.play();
  }

  close() {
    this.played = this.playing;
    this.playing = false;
    for (const watch of this.watches) watch.disconnect();
  }
}
