// Numbers and times as text, and elements that hold text only.

/** A time of the data's clock: hundredths of a second in a short run, hours:minutes:seconds in a long one. */
export function clock(t, data) {
  const s = t - data.opens;
  if (data.long - data.opens < 600) return `${s.toFixed(2)} s`;
  const whole = Math.floor(Math.abs(s)), two = n => String(n).padStart(2, "0");
  return `${s < 0 ? "\u2212" : ""}${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export const percent = value => (Number.isNaN(value) ? "\u2013" : `${(100 * value).toFixed(1)} %`);

/** An amount of money, or of value in orders. */
export function amount(value, data) {
  const digits = data.money && Math.abs(value) >= 1000 ? 0 : 2;
  const text = Math.abs(value).toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const sign = value < 0 && Number(text.replaceAll(",", "")) > 0 ? "\u2212" : "";
  return `${sign}${text}${data.money && data.currency ? ` ${data.currency}` : ""}`;
}

export function element(tag, name = "", text = undefined) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}
