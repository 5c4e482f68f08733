/**
 * Expressions are CEL, cut down to what ends soon whatever it says: texts and lists of one person, the clock, and the functions below. Loops are
 * not nested and go over lists of the person alone, so that the steps of an evaluation can be counted beforehand.
 */
export const expressionLimits = {
  letters: 4000,
  nodes: 400,
  depth: 32,
  /** Nodes of a loop's body times the items of its list, over all loops of an expression. */
  loopSteps: 20_000,
  /** Letters that it looks at in all: each text as often as it is named, inside a loop as often as the list has items, joined ones with what is put between. */
  lettersRead: 100_000,
  /** Letters that are searched times what is sought in them: steps of a pattern, letters of a text. */
  searched: 2_000_000,
  /** Letters of each text that it is given, and of what it makes. */
  text: 2000,
  separator: 20,
} as const;

/** Name of a list, null for the groups, or what is written. */
export type Over = string | null | { readonly items: number; readonly letters: number };
/** A text or a list that is looked at: its name, or how many letters are written. */
export type Read = {
  readonly of: { readonly text: string } | { readonly list: Over } | { readonly letters: number };
  /** The list of the loop in which that happens. */
  readonly over?: Over;
  /** How often its letters count; default once. */
  readonly weight?: number;
};
export type Cost = {
  nodes: number;
  /** `nodes` of the body. */
  readonly loops: { readonly over: Over; readonly nodes: number }[];
  readonly reads: Read[];
  /** What is searched, and what is sought: the steps of a pattern, or what makes a text. */
  readonly searches: { readonly reads: readonly Read[]; readonly sought: number | readonly Read[] }[];
};

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** What a person has. */
type Values = {
  readonly person: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly groups: readonly string[];
};

type Size = { letters: number; items: number };

/** @throws RangeError for a text that is too long */
export function addSize(size: Size, items: readonly string[], name: string): void {
  size.items += items.length;
  for (const item of items) size.letters += shortText(item, name).length;
}

const isWritten = (over: Over) => typeof over === 'object' && over !== null;

function writtenIn(of: Read['of']): number {
  if ('letters' in of) return of.letters;
  return 'list' in of && isWritten(of.list) ? of.list.letters : 0;
}

/** Whether all that a person has, read as often as anything is read, stays within the limits: so it is for nearly everybody, and quickly known. */
export function quickBound({ nodes, loops, reads, searches }: Cost): (size: Size) => boolean {
  const written = sum(reads.map(({ of }) => writtenIn(of))) + expressionLimits.separator;
  const heaviest = Math.max(1, ...reads.map(({ weight = 1 }) => weight));
  const steps = sum(searches.map(({ sought }) => (typeof sought === 'number' ? sought : 0)));
  const writtenItems = sum(loops.map(({ over }) => (isWritten(over) ? over.items : 0)));
  return ({ letters, items }) => {
    const times = loops.length === 0 ? 1 : items + writtenItems + 1;
    const read = (letters + written) * reads.length * heaviest * times;
    return (
      nodes * times <= expressionLimits.loopSteps &&
      read <= expressionLimits.lettersRead &&
      read * (steps + searches.length * read) <= expressionLimits.searched
    );
  };
}

/** How much an evaluation takes is counted before it begins. @throws RangeError */
export function refuseTooMuch({ loops, reads, searches }: Cost, { person, lists, groups }: Values): void {
  const itemsOf = (over: string | null): readonly string[] => (over === null ? groups : lists.get(over)!);
  const countOf = (over: Over): number => (isWritten(over) ? over.items : itemsOf(over).length);
  const lengthsIn = (over: Over): readonly number[] =>
    isWritten(over) ? [over.letters] : itemsOf(over).map(({ length }) => length);
  /** Of one time, and of all times of the loop around it. */
  const lettersOf = ({ of, over, weight = 1 }: Read): { readonly once: number; readonly all: number } => {
    const times = over === undefined ? 1 : countOf(over);
    if ('list' in of) {
      const lengths = lengthsIn(of.list);
      return {
        once: weight * Math.max(0, ...(over === undefined ? [sum(lengths)] : lengths)),
        all: weight * sum(lengths),
      };
    }
    const once = weight * ('text' in of ? person.get(of.text)!.length : of.letters);
    return { once, all: times * once };
  };
  const allOf = (some: readonly Read[]): number => sum(some.map((read) => lettersOf(read).all));
  const soughtOf = (sought: number | readonly Read[]): number =>
    typeof sought === 'number' ? sought : sum(sought.map((read) => lettersOf(read).once));
  const steps = sum(loops.map(({ over, nodes }) => nodes * countOf(over)));
  if (steps > expressionLimits.loopSteps) throw new RangeError('the lists are too long for it');
  if (allOf(reads) > expressionLimits.lettersRead) throw new RangeError('the texts are too long for it');
  const searched = sum(searches.map(({ reads: own, sought }) => allOf(own) * soughtOf(sought)));
  if (searched > expressionLimits.searched) throw new RangeError('the texts are too long to be searched by it');
}

export function shortText(text: string, name: string): string {
  const { text: most } = expressionLimits;
  if (text.length > most) throw new RangeError(`${name} is longer than ${most} letters`);
  return text;
}
