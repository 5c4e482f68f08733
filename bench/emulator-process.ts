/** An emulator as a process of its own: arguments `people enrollments latencyMs`, prints one JSON line when ready. */
import { startEmulator } from '../src/emulator/index.ts';

const [people, enrollments, latencyMs] = process.argv.slice(2).map(Number);
const emulator = await startEmulator({
  people: people!,
  enrollments: enrollments!,
  latencyMs: latencyMs!,
  limits: false,
  seed: 7,
});
console.log(JSON.stringify({ url: emulator.url, token: emulator.reportingToken }));
process.on('SIGTERM', () => void emulator.close().then(() => process.exit(0)));
