/** An emulator as a process of its own: arguments `people enrollments latencyMs accounts`, prints one JSON line when ready. */
import { startEmulator } from '../src/emulator/index.ts';

const [people, enrollments, latencyMs, accounts] = process.argv.slice(2).map(Number);
const emulator = await startEmulator({
  people: people!,
  enrollments: enrollments!,
  latencyMs: latencyMs!,
  limits: false,
  seed: 7,
  accounts: Array.from({ length: accounts! - 1 }, (_, index) => ({
    name: `Branch ${index + 2}`,
    people: people!,
    enrollments: enrollments!,
    seed: index + 8,
  })),
});
console.log(
  JSON.stringify({ url: emulator.url, tokens: emulator.accounts.map(({ reportingToken }) => reportingToken) }),
);
process.on('SIGTERM', () => void emulator.close().then(() => process.exit(0)));
