// Files that are made when they are clicked: the kernel is asked, and the browser saves what comes.

import { Controls } from "./fresh.js";
import { followTheme, make } from "./draw.js";

class Files {
  constructor(model, host) {
    this.model = model;
    const shadow = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(ANSWER_CSS + FILES_CSS);
    shadow.adoptedStyleSheets = [sheet];
    this.root = make("div", "answer files");
    this.links = make("div", "links");
    this.details = make("details");
    this.details.hidden = true;
    this.code = make("pre");
    this.copy = make("button", "copy", "Copy");
    this.copy.type = "button";
    this.copy.addEventListener("click", () => this.copied());
    const frame = make("div", "code");
    frame.append(this.copy, this.code);
    this.details.append(make("summary", "", "the same in Python"), frame);
    this.details.addEventListener("toggle", () => this.ask_code());
    this.said = make("span", "said");
    this.said.setAttribute("role", "status");
    this.root.append(this.links, this.said, this.details);
    shadow.append(this.root);
    this.endTheme = followTheme(host, this.root);
    this.show = this.show.bind(this);
    this.come = this.come.bind(this);
    this.fresh = this.fresh.bind(this);
    this.controls = new Controls(model, this.fresh);
    model.on("change:data", this.show);
    model.on("msg:custom", this.come);
    this.show();
  }

  show() {
    const text = this.model.get("data");
    if (!text) return;
    this.data = JSON.parse(text);
    this.links.replaceChildren(...this.data.names.map(name => {
      const button = make("button", "file", name);
      button.type = "button";
      button.addEventListener("click", () => this.ask(name));
      return button;
    }));
    this.details.hidden = !this.data.code;
    this.ask_code();
    this.fresh();
  }

  fresh() {
    this.root.classList.toggle("stale", !this.data || !this.controls.agree(this.data.of));
  }

  ask(name) {
    this.said.textContent = `making ${name} \u2026`;
    this.asked = name;
    this.model.send({ make: name });
  }

  ask_code() {
    if (this.details.open && this.data?.code) this.model.send({ make: this.data.code });
  }

  come(message, buffers) {
    if (message.text !== undefined) {
      this.code.textContent = message.text;
      return;
    }
    if (message.name === undefined || message.name !== this.asked) return;  // another window asked
    this.asked = null;
    this.said.textContent = message.fault ?? "";
    if (message.fault) return;
    const address = URL.createObjectURL(new Blob(buffers, { type: message.type }));
    const link = document.createElement("a");
    link.href = address;
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
  }

  async copied() {
    await navigator.clipboard.writeText(this.code.textContent);
    this.copy.textContent = "Copied";
    setTimeout(() => { this.copy.textContent = "Copy"; }, 1500);
  }

  close() {
    this.endTheme();
    this.controls.close();
    this.model.off("change:data", this.show);
    this.model.off("msg:custom", this.come);
  }
}

export function render({ model, el }) {
  const files = new Files(model, el);
  return () => files.close();
}
