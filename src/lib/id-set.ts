/**
 * The ids seen while a long list is read. Ids that are whole numbers take 8 to 22 bytes each, in one flat table with open
 * addressing: a `Set` of strings would take ten times that and a million rows are common. Others go to a plain `Set`.
 */
export type IdSet = {
  /** @returns false when the id was there already */
  add(id: string): boolean;
  readonly size: number;
};

const EMPTY = -1;
const START_CAPACITY = 1024;
const MAX_LOAD = 0.7;

export function createIdSet(): IdSet {
  let table = new Float64Array(START_CAPACITY).fill(EMPTY);
  let numbers = 0;
  const others = new Set<string>();

  const addNumber = (value: number): boolean => {
    if (!insert(table, value)) return false;
    numbers += 1;
    if (numbers > table.length * MAX_LOAD) table = grown(table);
    return true;
  };

  return {
    add(id) {
      const value = wholeNumber(id);
      if (value !== null) return addNumber(value);
      const before = others.size;
      return others.add(id).size > before;
    },
    get size() {
      return numbers + others.size;
    },
  };
}

/** The number that an id spells canonically (`12`, not `012`), so that two spellings stay two ids. */
function wholeNumber(id: string): number | null {
  const first = id.charCodeAt(0);
  if (id.length > 15 || !(first >= 49 && first <= 57)) return null;
  let value = 0;
  for (let index = 0; index < id.length; index += 1) {
    const digit = id.charCodeAt(index) - 48;
    if (!(digit >= 0 && digit <= 9)) return null;
    value = value * 10 + digit;
  }
  return value;
}

function insert(table: Float64Array, value: number): boolean {
  const mask = table.length - 1;
  let slot = (Math.imul(value | 0, 0x9e3779b1) ^ Math.floor(value / 4294967296)) & mask;
  for (; table[slot] !== EMPTY; slot = (slot + 1) & mask) if (table[slot] === value) return false;
  table[slot] = value;
  return true;
}

function grown(table: Float64Array): Float64Array<ArrayBuffer> {
  const next = new Float64Array(table.length * 2).fill(EMPTY);
  for (const value of table) if (value !== EMPTY) insert(next, value);
  return next;
}
