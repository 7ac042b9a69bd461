// The page's state in its address, and a button that copies it.

import { followTheme, make } from "./draw.js";

const SERVERS = ["token"];

class Address {
  constructor(model, host) {
    this.model = model;
    this.write = this.write.bind(this);
    const shadow = host.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
    sheet.replaceSync(ANSWER_CSS + FILES_CSS);
    shadow.adoptedStyleSheets = [sheet];
    this.button = make("button", "file", "Copy a link to this");
    this.button.type = "button";
    this.said = make("span", "said");
    this.said.setAttribute("role", "status");
    this.button.addEventListener("click", () => this.copy());
    const root = make("div", "answer");
    root.append(this.button, this.said);
    shadow.append(root);
    this.endTheme = followTheme(host, root);
    model.on("change:query", this.write);
    this.write();
  }

  /** The address says what is shown; what belongs to the server stays. */
  write() {
    const address = new URL(location.href), kept = new URLSearchParams();
    for (const name of SERVERS) {
      if (address.searchParams.has(name)) kept.set(name, address.searchParams.get(name));
    }
    const parts = [kept.toString(), this.model.get("query")].filter(Boolean);
    address.search = parts.length ? `?${parts.join("&")}` : "";
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  }

  async copy() {
    const address = new URL(location.href);
    for (const name of SERVERS) address.searchParams.delete(name);
    try {
      await navigator.clipboard.writeText(address.href);
      this.said.textContent = " copied";
    } catch {
      this.said.textContent = ` ${address.href}`;
    }
    setTimeout(() => { this.said.textContent = ""; }, 4000);
  }
}

export function render({ model, el }) {
  const address = new Address(model, el);
  return () => {
    model.off("change:query", address.write);
    address.endTheme();
  };
}
