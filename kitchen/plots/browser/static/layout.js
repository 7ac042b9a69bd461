// Where each slot of each shelf is, in pixels: no slot moves while time goes by.

const GAP = 12, INNER = 3, HEAD = 24, ROW = 21, NARROWEST = 96, MOST_ROWS = 16;
const SQUARES = [[400, 22], [2000, 13], [Infinity, 7]];  // most slots of a board, and how large each is

/** Slots that are drawn: all of a small shelf; of a large one those that are ever in use. */
export function drawnSlots(capacity, used) {
  return capacity <= 64 ? capacity : Math.min(capacity, Math.max(64, used));
}

/**
 * Places of the slots for a board of a width: `named` when each order is a row with its name, and
 * squares otherwise. `at[s](i)` is the corner of slot i of shelf s.
 */
export function layout(slots, wide) {
  const columns = slots.map(n => Math.max(1, Math.ceil(n / MOST_ROWS)));
  const all = columns.reduce((sum, n) => sum + n, 0);
  const gaps = GAP * (slots.length - 1) + INNER * (all - slots.length);
  const perRow = Math.min(all, Math.max(1, Math.floor((wide + GAP) / (NARROWEST + GAP))));
  const named = slots.reduce((sum, n) => sum + n, 0) <= 160 && wide >= NARROWEST;
  return named ? rows(slots, columns, wide, all <= perRow ? (wide - gaps) / all : null) : squares(slots, wide);
}

function rows(slots, columns, wide, cell) {
  const narrow = cell ?? Math.max(NARROWEST, (wide - GAP) / Math.max(1, Math.floor((wide + GAP) / (NARROWEST + GAP))) - GAP);
  const width = Math.min(Math.floor(narrow), 260), fits = Math.max(1, Math.floor((wide + INNER) / (width + INNER)));
  const spans = columns.map(n => Math.min(n, fits));
  return flow(slots, wide, spans.map(n => n * (width + INNER) - INNER), (i, s) => {
    const per = Math.ceil(slots[s] / spans[s]);
    return [Math.floor(i / per) * (width + INNER), (i % per) * ROW];
  }, s => Math.ceil(slots[s] / spans[s]) * ROW, width, ROW - 2, true);
}

function squares(slots, wide) {
  const total = slots.reduce((sum, n) => sum + n, 0);
  const size = SQUARES.find(([most]) => total <= most)[1], step = size + 2;
  const width = Math.min(wide, Math.max(8 * step, Math.floor((wide - GAP * (slots.length - 1)) / Math.min(slots.length, 4))));
  const per = Math.max(1, Math.floor(width / step));
  return flow(slots, wide, slots.map(() => width), i => [(i % per) * step, Math.floor(i / per) * step],
    s => Math.ceil(slots[s] / per) * step, size, size, false);
}

/** Shelves one after another, in as many rows as it takes. */
function flow(slots, wide, widths, place, height, cellWide, cellHigh, named) {
  const shelves = [];
  let x = 0, y = 0, tallest = 0;
  slots.forEach((_, s) => {
    if (x && x + widths[s] > wide + 1) { x = 0; y += tallest + GAP; tallest = 0; }
    const left = x, top = y;
    shelves.push({ x: left, y: top, wide: Math.max(widths[s], 60), at: i => {
      const [dx, dy] = place(i, s);
      return [left + dx, top + HEAD + dy];
    } });
    x += Math.max(widths[s], 60) + GAP;
    tallest = Math.max(tallest, HEAD + Math.max(height(s), ROW));
  });
  return { shelves, cellWide, cellHigh, named, high: y + tallest };
}
