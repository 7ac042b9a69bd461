// A kitchen at any instant, from its ledger alone: who stands where, worth what. No DOM, so that
// `node --test` can run it; `kitchen/simulation/snapshot.py` is what it must agree with.

export const PLACE = 0, MOVE = 1, PICKUP = 2, EXPIRE = 3, DISCARD = 4;
const EXPONENTIAL = 1, STEP = 2;
const BLOCK = 32;  // stays that are passed over at once when all of them have ended

/** Normalised value of an order under a named law; ages in seconds. */
export function valueUnder(law, age, weighted, life, rate) {
  const used = (law.age_pace * age + law.weighted_pace * (law.by_rate ? rate : 1) * weighted) / life;
  if (law.shape === EXPONENTIAL) return Math.exp(-used);
  if (law.shape === STEP) return used < 1 ? 1 : 0;
  return Math.max(1 - used, 0);
}

/** How many of the sorted numbers are at or before t. */
export function countUntil(times, t) {
  let low = 0, high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle + 1; else high = middle;
  }
  return low;
}

/** A kitchen of the data. A stay is an order's time on one shelf, from one row of the ledger to its next. */
export class Ledger {
  constructor(data, nth) {
    const rows = data.kitchens[nth];
    this.data = data;
    this.strategy = rows.strategy;
    this.time = Float64Array.from(rows.time);
    this.event = rows.event; this.order = rows.order; this.from = rows.from; this.to = rows.to;
    this.why = new Map((rows.why ?? []).map(({ row, candidates }) => [row, candidates]));
    this.end = this.time.length ? this.time[this.time.length - 1] : data.opens;
    this.ready = Float64Array.from(data.orders.ready).sort();
    this.#walk(rows);
  }

  #walk({ worth, knots }) {
    const { orders, shelves } = this.data, size = this.time.length;
    const counts = name => (this.#soFar[name] = new Float64Array(size + 1));
    const [delivered, expired, discarded, moves, value, lost, revenue, lostRevenue] = [
      "delivered", "expired", "discarded", "moves", "value", "lost", "revenue", "lostRevenue"].map(counts);
    this.taken = shelves.map(() => new Int32Array(size + 1));
    this.slots = shelves.map(() => 0);  // slots that are ever in use
    this.stays = [];
    const open = new Map(), free = shelves.map(() => []);
    let pickups = 0;
    for (let row = 0; row < size; row++) {
      const order = this.order[row], t = this.time[row], event = this.event[row], to = this.to[row];
      for (const sums of Object.values(this.#soFar)) sums[row + 1] = sums[row];
      for (const sums of this.taken) sums[row + 1] = sums[row];
      const before = open.get(order);
      let weighted = 0;
      if (before) {
        before.end = t; before.exit = event;
        weighted = before.weighted + before.pace * (t - before.begin);
        free[before.shelf].splice(countUntil(free[before.shelf], before.slot), 0, before.slot);
        this.taken[before.shelf][row + 1]--;
        open.delete(order);
      }
      if (to >= 0) {
        const slot = free[to].length ? free[to].shift() : this.slots[to]++;
        const stay = { row, order, shelf: to, slot, begin: t, end: Infinity, exit: null, weighted,
          pace: shelves[to].pace[orders.temp[order]], from: before ?? null, moves: before ? before.moves + 1 : 0,
          knots: knots ? knots[this.stays.length] : null };
        this.stays.push(stay); open.set(order, stay);
        this.taken[to][row + 1]++;
      }
      if (event === MOVE) moves[row + 1]++;
      if (event < PICKUP) continue;
      const left = event === PICKUP ? worth[pickups++] : 0, price = orders.price[order];
      (event === PICKUP ? delivered : event === EXPIRE ? expired : discarded)[row + 1]++;
      value[row + 1] += left; lost[row + 1] += 1 - left;
      revenue[row + 1] += price * left; lostRevenue[row + 1] += price * (1 - left);
    }
    this.begins = Float64Array.from(this.stays, stay => stay.begin);
    this.#lasts = new Float64Array(Math.ceil(this.stays.length / BLOCK)).fill(-Infinity);
    this.stays.forEach((stay, i) => {
      const block = Math.floor(i / BLOCK);
      this.#lasts[block] = Math.max(this.#lasts[block], stay.end);
    });
  }
  #soFar = {};
  #lasts;

  /** Value at t of the order of a stay; a law of one's own comes as evenly spaced knots. */
  value(stay, t) {
    const { orders, law } = this.data, o = stay.order;
    if (!stay.knots) {
      const weighted = stay.weighted + stay.pace * (t - stay.begin);
      return valueUnder(law, t - orders.ready[o], weighted, orders.life[o], orders.rate[o]);
    }
    const last = stay.knots.length - 1, span = stay.end - stay.begin;
    const at = span > 0 ? Math.min(Math.max((t - stay.begin) / span, 0), 1) * last : last;
    const i = Math.min(Math.floor(at), last - 1);
    return stay.knots[i] + (at - i) * (stay.knots[i + 1] - stay.knots[i]);
  }

  /** Whether an order that keeps its slot has expired. */
  spoilt(value) { return this.data.held && value <= this.data.waste_below; }

  /** Stays under way after all events until t; and those that ended for good at most `tail` before. */
  at(t, tail = 0) {
    const here = [], left = [], size = countUntil(this.begins, t);
    for (let i = 0; i < size; i++) {
      if (i % BLOCK === 0 && this.#lasts[i / BLOCK] + tail <= t) { i += BLOCK - 1; continue; }
      const stay = this.stays[i];
      if (t < stay.end) here.push(stay);
      else if (stay.exit !== MOVE && t < stay.end + tail) left.push(stay);
    }
    return { here, left };
  }

  /** Numbers and sums after all events until t. */
  counts(t) {
    const rows = countUntil(this.time, t), found = { rows, ready: countUntil(this.ready, t) };
    for (const name in this.#soFar) found[name] = this.#soFar[name][rows];
    found.standing = this.taken.reduce((sum, own) => sum + own[rows], 0);
    return found;
  }
}

/** The first instant at which two kitchens differ in orders, shelves or outcomes; null if never. */
export function parting(one, other) {
  const [mine, yours] = [one, other].map(netChanges);
  for (let i = 0; i < Math.max(mine.length, yours.length); i++) {
    if (!mine[i] || !yours[i]) return (mine[i] ?? yours[i])[0];
    if (mine[i].some((value, j) => value !== yours[i][j])) return Math.min(mine[i][0], yours[i][0]);
  }
  return null;
}

/** Net changes at each instant: [time, order, shelf or how it left], sorted. */
function netChanges(ledger) {
  const now = new Map(), where = new Map(), changes = [];
  for (let row = 0; row < ledger.time.length; row++) {
    const state = ledger.to[row] >= 0 ? ledger.to[row] : `left ${ledger.event[row]}`;
    now.set(`${ledger.time[row]} ${ledger.order[row]}`, [ledger.time[row], ledger.order[row], state]);
  }
  for (const change of [...now.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (where.get(change[1]) !== change[2]) changes.push(change);
    where.set(change[1], change[2]);
  }
  return changes;
}

/** Orders that stand differently at t in two kitchens, or in one of them only. */
export function differing(one, other, t) {
  const [mine, yours] = [one, other].map(own => new Map(own.at(t).here.map(stay => [stay.order, stay.shelf])));
  const found = new Set();
  for (const [order, shelf] of mine) if (yours.get(order) !== shelf) found.add(order);
  for (const [order, shelf] of yours) if (mine.get(order) !== shelf) found.add(order);
  return found;
}
