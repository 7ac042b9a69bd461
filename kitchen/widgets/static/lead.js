// The answer in plain words: what is lost, what would help, how sure, the most that anybody could; the verdict below.

import { make } from "./draw.js";

const PARTS = ["level", "lead", "sure", "most"];

export class Lead {
  constructor() {
    this.element = make("section", "words plain");
    this.element.setAttribute("aria-live", "polite");
    this.element.setAttribute("aria-label", "the answer");
    this.parts = PARTS.map(name => make("p", name));
    this.full = make("details", "full");
    this.text = make("p", "verdict");
    this.full.append(make("summary", "", "the whole verdict"), this.text);
    this.element.append(...this.parts, this.full);
  }

  draw(data) {
    const said = [...PARTS.map(name => data[name] ?? ""), data.text];
    [...this.parts, this.text].forEach((part, nth) => {
      if (part.textContent !== said[nth]) part.textContent = said[nth];
      part.hidden = !said[nth];
    });
  }
}
