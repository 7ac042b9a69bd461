// One answer of the kernel, drawn here: faded at once when a control it depends on is moved.

import { Controls, Hand } from "./fresh.js";
import { Dots } from "./dots.js";
import { Lead } from "./lead.js";
import { HeatMap, Lines } from "./sweeps.js";
import { followTheme, make } from "./draw.js";

class Answer {
  constructor(model, host) {
    this.model = model;
    const shadow = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(ANSWER_CSS);
    shadow.adoptedStyleSheets = [sheet];
    this.host = host;
    this.root = make("div", "answer");
    this.tip = make("div", "tip");
    this.tip.setAttribute("role", "tooltip");
    shadow.append(this.root, this.tip);
    this.shown = this.before = this.full = null;
    this.fresh = this.fresh.bind(this);
    this.show = this.show.bind(this);
    this.controls = new Controls(model, this.fresh);
    if (model.get("tells_hand")) {
      this.say(false);
      this.hand = new Hand(this.controls, held => this.say(held));
    }
    model.on("change:data", this.show);
    this.size = new ResizeObserver(() => this.resized());
    this.size.observe(host);
    this.endTheme = followTheme(host, this.root);
    this.root.addEventListener("pointermove", event => this.point(event));
    this.root.addEventListener("pointerleave", () => this.point(null));
    this.show();
  }

  say(held) {
    if (this.model.get("held") === held) return;
    this.model.set("held", held);
    this.model.save_changes();
  }

  /** Full strength for an answer to the values that the controls have now, and for no other. */
  fresh() {
    const stale = !this.shown || !this.controls.agree(this.shown.of);
    this.root.classList.toggle("stale", stale);
    this.root.classList.toggle("rough", Boolean(this.shown?.rough));
    this.root.setAttribute("aria-busy", String(stale));
  }

  show() {
    const text = this.model.get("data");
    if (!text || text === this.text) return;
    this.text = text;
    const data = JSON.parse(text);
    if (!data.rough) {
      if (this.full && this.full.measure !== data.measure) this.before = null;
      else if (this.full && JSON.stringify(this.full.of) !== JSON.stringify(data.of)) this.before = this.full;
      this.full = data;
    }
    this.shown = data;
    this.draw();
    this.fresh();
    this.host.dispatchEvent(new CustomEvent("answered", { bubbles: true, composed: true, detail: data }));
  }

  draw() {
    const data = this.shown;
    if (!data) return;
    if (data.kind !== this.kind) {
      this.kind = data.kind;
      this.drawn = new DRAWN[data.kind](this);
      this.root.replaceChildren(this.drawn.element);
    }
    this.wide = Math.floor(this.root.clientWidth);
    if (this.wide) this.drawn.draw(data, this.ghosts(), this.hand?.held || data.rough, this.wide);
  }

  /** Rows of the full answer before the one that is shown, by name. */
  ghosts() {
    const ghost = this.shown.rough ? this.full : this.before;
    if (!ghost?.rows || ghost.measure !== this.shown.measure) return null;
    return new Map(ghost.rows.map(row => [row.name, row]));
  }

  /** Drawn anew where the width is another: also when it first comes into sight. */
  resized() {
    if (Math.floor(this.root.clientWidth) !== this.wide) this.draw();
  }

  /** The tooltip follows the pointer. */
  point(event) {
    const spot = event?.target.closest?.("[data-nth]");
    const words = spot && this.drawn?.words?.(this.shown, this.ghosts(), Number(spot.dataset.nth));
    this.tell(spot, words, event);
  }

  /** Show the tooltip of a spot, beside the pointer or the spot itself. */
  tell(spot, words, event = null) {
    this.tip.style.display = words ? "block" : "none";
    if (!words) return;
    this.tip.replaceChildren(...words.map(line => make("div", "", line)));
    const frame = this.host.getBoundingClientRect(), box = spot.getBoundingClientRect();
    const x = (event?.clientX ?? box.right) - frame.left, y = (event?.clientY ?? box.top) - frame.top;
    this.tip.style.left = `${Math.max(0, Math.min(x + 14, frame.width - this.tip.offsetWidth - 4))}px`;
    this.tip.style.top = `${y + 18}px`;
  }

  /** A spot was clicked: the kernel hears which. */
  choose(nth) {
    this.model.send({ chosen: nth });
  }

  close() {
    this.hand?.close();
    this.controls.close();
    this.size.disconnect();
    this.endTheme();
    this.model.off("change:data", this.show);
  }
}

/** A sentence, read out when it changes. */
class Words {
  constructor() {
    this.element = make("p", "words");
    this.element.setAttribute("aria-live", "polite");
  }

  draw(data) {
    if (this.element.textContent !== data.text) this.element.textContent = data.text;
  }
}

/** A picture that was drawn in the kernel. */
class Picture {
  constructor() {
    this.element = make("figure", "picture");
    this.image = document.createElement("img");
    this.element.append(this.image);
  }

  draw(data) {
    this.image.alt = data.title;
    if (this.image.src !== data.source) this.image.src = data.source;
    this.image.width = data.wide;
    this.image.height = data.high;
  }
}

const DRAWN = { dots: Dots, lines: Lines, map: HeatMap, words: Words, lead: Lead, image: Picture };

export function render({ model, el }) {
  const answer = new Answer(model, el);
  return () => answer.close();
}
