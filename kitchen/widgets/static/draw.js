// Elements, texts and axes that the pictures share.

const NAMESPACE = "http://www.w3.org/2000/svg";
const FONT = '13px system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif';
const NICE = [1, 2, 2.5, 5, 10];

/** An HTML element with a class and a text, which is never taken for HTML. */
export function make(tag, kind = "", text = undefined) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text !== undefined) element.textContent = text;
  return element;
}

export function svg(tag, attributes = {}, text = undefined) {
  const element = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Colours of the tool around a picture, now and when the theme changes; returns what ends that. */
export function followTheme(host, root) {
  const follow = () => {
    const { color } = getComputedStyle(host.closest(".kt-app") ?? host);
    const [red, green, blue] = (color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
    root.style.color = color;
    root.classList.toggle("dark", 0.2126 * red + 0.7152 * green + 0.0722 * blue > 128);
  };
  const watch = new MutationObserver(follow), media = matchMedia("(prefers-color-scheme: dark)");
  for (const element of [document.documentElement, document.body]) watch.observe(element, { attributes: true });
  media.addEventListener("change", follow);
  const wait = requestAnimationFrame(follow);  // until the element is in its place
  follow();
  return () => {
    cancelAnimationFrame(wait);
    watch.disconnect();
    media.removeEventListener("change", follow);
  };
}

let ruler = null;
/** Width of a text in the pictures' font, pixels. */
export function width(text) {
  ruler ??= document.createElement("canvas").getContext("2d");
  ruler.font = FONT;
  return ruler.measureText(text).width;
}

export const widest = texts => Math.max(0, ...texts.map(width));

/** A label on one line, or on two where it is wider than so many pixels. */
export function folded(text, wide) {
  if (width(text) <= wide) return [text];
  const words = text.split(" ");
  let first = words.shift();
  while (words.length && width(`${first} ${words[0]}`) <= wide) first += ` ${words.shift()}`;
  const lines = [first, words.join(" ")].filter(Boolean);
  return lines.map(line => cut(line, wide));
}

/** A text of so many pixels at most; its middle is left out, as names often differ at their ends. */
export function cut(text, wide) {
  if (width(text) <= wide) return text;
  const letters = [...text];
  let keep = letters.length;
  const shortened = () =>
    `${letters.slice(0, Math.ceil(keep * 0.6)).join("")}\u2026${letters.slice(letters.length - Math.floor(keep * 0.4)).join("")}`;
  while (keep > 2 && width(shortened()) > wide) keep -= 1;
  return shortened();
}

/** Round numbers within limits, at most so many steps. */
export function ticks(low, high, most = 6) {
  const rough = (high - low) / most;
  if (!(rough > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = NICE.map(nice => nice * power).find(size => size >= rough * (1 - 1e-9));
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) found.push(n * step);
  return found;
}

/** A number of an axis: shares in percent, differences with their sign, a true minus. */
export function written(value, { scale = 1, signed = false }) {
  const number = Number((scale * value).toPrecision(9));
  const text = Math.abs(number) >= 1e6 ? number.toPrecision(4) : String(number);
  return (signed && number > 0 ? `+${text}` : text).replace("-", "\u2212");
}
