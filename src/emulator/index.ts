/**
 * `foreknow/emulator`: a stand-in for KnowBe4's Reporting API, User Events and parts of its GraphQL and SCIM, with invented data, for tests and demonstrations.
 * Not affiliated with KnowBe4. `DIFFERENCES.md` says where it guesses.
 */

export { type Emulator, type Mutation, startEmulator } from './emulator.ts';
export type * from './events/records.ts';
export type { Fault, FaultKind } from './faults.ts';
export type { AccountOptions, EmulatedAccount, EmulatorOptions, Surface } from './options.ts';
export type { RecentRequest, RequestCounts } from './requests.ts';
export type { Profile, Switches } from './switches.ts';
export type { EmulatorClock } from './time.ts';
export type { GroundTruth } from './truth.ts';
export type { UserFields } from './world/mutate.ts';
export type * from './world/records.ts';
