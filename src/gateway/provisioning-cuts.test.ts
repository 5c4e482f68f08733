import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileOf, type ProvisioningLab, provisioningLab, type Row } from './provisioning-lab.contract.ts';

/* Whatever is cut off of a source: nobody is archived and nobody leaves a group because of what is not there. */

/** Cuts; by hand, for a longer search: FOREKNOW_LAW_RUNS=500. */
const RUNS = Number(process.env.FOREKNOW_LAW_RUNS ?? 12);

let lab: ProvisioningLab;
let rows: readonly Row[];
beforeAll(async () => {
  lab = await provisioningLab({ emulated: { people: 30 } });
  await lab.adopt();
  rows = lab.everybody();
  // Everybody is in the group of their department, so that there is something to be taken out of.
  await lab.hand(rows);
  await lab.approveAndApply(await lab.gateway.provisioning.build('acme', {}, 'test'));
  await lab.window();
}, 60_000);
afterAll(() => lab.close());

const cut = fc.oneof(
  fc.record({
    kind: fc.constant('bytes' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  }),
  fc.record({
    kind: fc.constant('rows' as const),
    lost: fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 30 }),
    isEnded: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('column' as const), column: fc.nat({ max: 8 }), blank: fc.boolean() }),
  fc.record({
    kind: fc.constant('trailer' as const),
    says: fc.constantFrom(-5, -1, 1, 1000),
    lost: fc.nat({ max: 20 }),
  }),
);
type Cut = typeof cut extends fc.Arbitrary<infer Value> ? Value : never;

/** The file in which some have left and others moved: of a file that is cut that is not believed either. */
const changedRows = (): readonly Row[] =>
  rows.map((row, at) => {
    if (at < 3) return row;
    if (at % 7 === 0) return { ...row, status: 'left' };
    return at % 5 === 0
      ? { ...row, department: rows.find((one) => one.department !== row.department)!.department }
      : row;
  });

/** A whole file, and what is left of it. One without a column is whole: whoever has left by it has. */
function leftOf(one: Cut, isChanged: boolean): Uint8Array {
  const text = fileOf(isChanged && one.kind !== 'column' ? changedRows() : rows);
  const whole = Buffer.from(text);
  const lines = text.trimEnd().split('\n');
  switch (one.kind) {
    case 'bytes':
      // Without its last line break alone it is whole.
      return whole.subarray(0, Math.floor(one.share * (whole.length - 2)));
    case 'rows': {
      const lost = new Set(one.lost.map((row) => 1 + (row % rows.length)));
      const left = lines.filter((line, at) => !lost.has(at) && (one.isEnded || !line.startsWith('#')));
      return Buffer.from(`${left.join('\n')}\n`);
    }
    case 'column': {
      const without = (line: string, at: number): string => {
        if (line.startsWith('#')) return line;
        const cells = line.slice(1, -1).split('","');
        const changed = one.blank && at > 0 ? cells.with(one.column, '') : cells.toSpliced(one.column, 1);
        return `"${(one.blank && at === 0 ? cells : changed).join('","')}"`;
      };
      return Buffer.from(`${lines.map(without).join('\n')}\n`);
    }
    case 'trailer': {
      const kept = lines.slice(0, lines.length - 1 - (one.lost % rows.length));
      return Buffer.from(`${[...kept, `#END rows=${kept.length - 1 + one.says}`].join('\n')}\n`);
    }
  }
}

test('for any cut of the file nobody is archived and nobody leaves a group', {
  timeout: 60_000 + RUNS * 1000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cut, fc.boolean()), { minLength: 1, maxLength: 3 }), async (cuts) => {
      for (const [one, isChanged] of cuts) {
        await lab.deliver(leftOf(one, isChanged));
        const { steps } = await lab.gateway.provisioning.build('acme', {}, 'test');
        expect(steps.filter(({ action }) => action === 'archive' || action === 'member_remove')).toEqual([]);
      }
    }),
    { numRuns: RUNS },
  );
  // A whole file is believed.
  const [leaver, mover] = rows.slice(3);
  const department = rows.find((row) => row.department !== mover!.department)!.department;
  await lab.hand([...rows.slice(0, 3), { ...leaver!, status: 'left' }, { ...mover!, department }, ...rows.slice(5)]);
  const { counts } = await lab.gateway.provisioning.build('acme', {}, 'test');
  expect(counts).toMatchObject({ archive: 1, member_remove: 1 });
});
