/** An emulator whose SCIM store is empty, as a process of its own: argument `latencyMs`, prints one JSON line when ready. */
import { startEmulator } from '../src/emulator/index.ts';

const emulator = await startEmulator({
  people: 10,
  provisioner: 'none',
  limits: false,
  latencyMs: Number(process.argv[2]),
  clock: { now: () => 0 },
});
console.log(JSON.stringify({ url: emulator.addresses.scim, token: emulator.tokens.scim }));
process.on('SIGTERM', () => void emulator.close().then(() => process.exit(0)));
