// Names and landmarks that ipywidgets leaves out, and long lists of boxes as one stop of the tab key.

const ENDS = ["lower end", "upper end"];
const MANY = 4;  // boxes in a list that is one stop; the arrow keys go through it
const ARROWS = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, Home: -Infinity, End: Infinity };
const LANDMARKS = { ".kt-top": ["banner"], ".lm-TabBar": ["navigation", "tools"], ".widget-tab-contents": ["main"] };

function say(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

/** Name the handles of a slider, and the number that can be typed beside it, as its label says. */
function nameSlider(slider) {
  const label = slider.querySelector(".widget-label")?.textContent.trim();
  const handles = slider.querySelectorAll(".noUi-handle"), readout = slider.querySelector(".widget-readout");
  handles.forEach((handle, nth) => {
    say(handle, { "aria-label": handles.length > 1 ? `${label}, ${ENDS[nth]}` : label });
  });
  if (readout?.isContentEditable) say(readout, { role: "textbox", "aria-label": `${label}, typed` });
}

const boxesOf = list => [...list.querySelectorAll(":scope > .widget-checkbox input:not(:disabled)")];

/** Of the boxes the one that had the focus last, else the first, is a stop of the tab key. */
function oneStop(boxes, stop = boxes.find(box => box.tabIndex === 0) ?? boxes[0]) {
  for (const box of boxes) {
    const index = box === stop ? 0 : -1;
    if (box.getAttribute("tabindex") !== String(index)) box.tabIndex = index;
  }
}

/** The arrow keys go from box to box. */
function walk(event) {
  const boxes = boxesOf(event.currentTarget), at = boxes.indexOf(event.target), by = ARROWS[event.key];
  if (by === undefined || at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
  boxes[Math.min(Math.max(at + by, 0), boxes.length - 1)].focus();
  event.preventDefault();
  event.stopPropagation();
}

/** A list of many boxes is one stop. */
function join(list) {
  const boxes = boxesOf(list);
  if (boxes.length < MANY) return;
  if (!list.hasAttribute("data-lm-suppress-shortcuts")) {  // or JupyterLab takes the keys
    say(list, { role: "group", "aria-label": "strategies; arrow keys go through them", "data-lm-suppress-shortcuts": "true" });
    list.addEventListener("keydown", walk);
    list.addEventListener("focusin", event => oneStop(boxesOf(list), event.target));
  }
  oneStop(boxes, list.contains(document.activeElement) ? document.activeElement : undefined);
}

class Reachable {
  constructor(model, host) {
    this.model = model;
    this.host = host;
    this.scan = this.scan.bind(this);
    this.begin = this.begin.bind(this);
    this.watch = new MutationObserver(() => this.soon(this.scan));
    this.begin();
  }

  soon(act) {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(act);
  }

  /** Once it has its place: one of several apps within each other does it for all. */
  begin() {
    this.app = this.host.closest(".kt-app");
    if (!this.app) return this.soon(this.begin);
    if (this.app.parentElement?.closest(".kt-app")) return;
    this.watch.observe(this.app, { childList: true, subtree: true });
    this.scan();
  }

  scan() {
    this.app.querySelectorAll(".widget-slider").forEach(nameSlider);
    new Set([...this.app.querySelectorAll(".widget-checkbox")].map(box => box.parentElement)).forEach(join);
    if (!this.model.get("landmarks")) return;
    for (const [where, [role, name]] of Object.entries(LANDMARKS)) {
      const element = this.app.querySelector(where);
      if (element) say(element, { role, "aria-label": name });
    }
    const tabs = this.app.querySelectorAll("[role=tab]");
    this.app.querySelectorAll(".widget-tab-contents > *").forEach((panel, nth) => {
      say(panel, { role: "tabpanel", "aria-label": tabs[nth]?.textContent.trim() });
    });
  }

  close() {
    cancelAnimationFrame(this.frame);
    this.watch.disconnect();
  }
}

export function render({ model, el }) {
  el.style.display = "none";
  const reachable = new Reachable(model, el);
  return () => reachable.close();
}
