// The player as a widget: it is given runs, and fades at once when a control that they are of is moved.

import { Controls } from "./fresh.js";

class Live {
  constructor(model, host) {
    this.model = model; this.host = host;
    this.player = null;
    this.begin = this.begin.bind(this);
    this.go = this.go.bind(this);
    this.fresh = this.fresh.bind(this);
    this.controls = new Controls(model, this.fresh);
    model.on("change:data", this.begin);
    model.on("change:time_s", this.go);
    this.begin();
  }

  /** Runs without an instant to begin at come in the place of others: the clock goes on. */
  begin() {
    const text = this.model.get("data"), before = this.player;
    if (!text) return;
    const data = JSON.parse(text), goesOn = before && data.begin === null;
    before?.close();
    if (data.begin === null) data.begin = before?.t ?? this.model.get("time_s");
    this.of = data.of;
    this.player = null;  // its first instant is no news
    this.player = this.host.player = new Player(this.host, data, { moved: t => this.moved(t) });
    if (goesOn) this.player.like(before);
    this.fresh();
  }

  fresh() {
    const stale = !this.controls.agree(this.of);
    this.host.classList.toggle("kt-stale", stale);
    this.host.setAttribute("aria-busy", String(stale));
  }

  /** The kernel is told where the clock stands. */
  moved(t) {
    if (!this.player || this.model.get("time_s") === t) return;
    this.model.set("time_s", t);
    this.model.save_changes();
  }

  go() {
    const t = this.model.get("time_s");
    if (this.player && this.player.t !== t) this.player.go(t);
  }

  close() {
    this.model.off("change:data", this.begin);
    this.model.off("change:time_s", this.go);
    this.controls.close();
    this.player?.close();
  }
}

export function render({ model, el }) {
  const host = document.createElement("div");
  host.className = "kitchen-player";
  el.append(host);
  const live = new Live(model, host);
  return () => live.close();
}
