// Whether an answer is of the values that the controls have now, and whether a slider is held.

const CHANGES = "change:value change:index";
const SLIDER = ".noUi-target", HANDLE = ".noUi-handle";

/** The controls that an answer depends on: their values in this browser, ahead of the kernel's. */
export class Controls {
  constructor(model, changed) {
    this.model = model;
    this.changed = changed;
    this.known = new Map();
    this.closed = false;
    this.find = this.find.bind(this);
    model.on("change:watch", this.find);
    this.find();
  }

  async find() {
    const watched = this.model.get("watch");
    for (const [id, control] of this.known) {
      if (watched.includes(id)) continue;
      control.off(CHANGES, this.changed);
      this.known.delete(id);
    }
    for (const id of watched) {
      if (this.known.has(id)) continue;
      let control;
      try { control = await this.model.widget_manager.get_model(id); } catch { continue; }
      if (this.closed || this.known.has(id)) continue;
      this.known.set(id, control);
      control.on(CHANGES, this.changed);
    }
    if (!this.closed) this.changed();
  }

  /** Whether the controls have the values that an answer is of: id -> [trait, value]. */
  agree(of) {
    const watched = this.model.get("watch");
    return Object.entries(of ?? {}).every(([id, [trait, value]]) => {
      const control = this.known.get(id);
      if (!control) return watched.includes(id);  // still being looked for
      return JSON.stringify(control.get(trait)) === JSON.stringify(value);
    });
  }

  /** Whether an element belongs to one of the controls. */
  async contain(element) {
    for (const control of this.known.values()) {
      for (const view of Object.values(control.views ?? {})) {
        if ((await view).el.contains(element)) return true;
      }
    }
    return false;
  }

  close() {
    this.closed = true;
    this.model.off("change:watch", this.find);
    for (const control of this.known.values()) control.off(CHANGES, this.changed);
  }
}

/** Says when one of the controls' sliders is taken, and when it is let go. */
export class Hand {
  constructor(controls, say) {
    this.controls = controls;
    this.say = say;
    this.held = false;
    this.presses = 0;
    const listen = (name, act) => [name, act];
    this.listeners = [
      listen("pointerdown", event => this.take(event.target.closest?.(SLIDER))),
      listen("pointerup", () => this.release()),
      listen("pointercancel", () => this.release()),
      listen("pointermove", event => { if (!event.buttons && !this.byKey) this.release(); }),
      listen("keydown", event => {
        if (event.repeat) this.take(event.target.closest?.(HANDLE), true);
      }),
      listen("keyup", () => this.release()),
      listen("blur", event => { if (event.target === window) this.release(); }),
    ];
    for (const [name, act] of this.listeners) addEventListener(name, act, true);
  }

  async take(element, byKey = false) {
    if (!element || this.held) return;
    const press = ++this.presses;
    const ours = await this.controls.contain(element);
    if (!ours || this.held || press !== this.presses) return;
    this.held = true;
    this.byKey = byKey;
    this.say(true);
  }

  release() {
    this.presses += 1;
    this.byKey = false;
    if (!this.held) return;
    this.held = false;
    this.say(false);
  }

  close() {
    for (const [name, act] of this.listeners) removeEventListener(name, act, true);
  }
}
