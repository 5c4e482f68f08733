import type { Limits } from '../wire/limits.ts';
import type { Region } from '../wire/regions.ts';
import type { Provisioner } from './scim/state.ts';
import type { Profile, Switches } from './switches.ts';
import type { EmulatorClock } from './time.ts';

/** How an emulator starts. Everything may be left out. */
export type EmulatorOptions = {
  /** 0 takes a free port. Default 0. */
  port?: number;
  /** Default 127.0.0.1. The control API is open to whoever reaches the port. */
  host?: string;
  /** People of the first account, the sample company "Halden Foods". Default 1200; four odd ones come on top. */
  people?: number;
  /** Default 7. */
  seed?: number;
  /** Default `documented`. */
  profile?: Profile;
  /** Override the profile. */
  switches?: Partial<Switches>;
  /** true: the documented limits of each account. false: none. Default true. */
  limits?: boolean | Limits;
  /** Limits of the other surfaces in place of the documented ones; SCIM has none but these. `limits: false` switches them off too. */
  surfaceLimits?: { readonly events?: Limits; readonly product?: Limits; readonly scim?: Limits };
  /** How much faster than the clock the world's time runs, for the limits too. Default 1. */
  speed?: number;
  /** Wait before each answer. Default 0. */
  latencyMs?: number;
  /** The largest page. Default 500. */
  maxPerPage?: number;
  /** Where the first account lives: what the bare address serves. Default `us`. */
  region?: Region;
  /** How many enrollments the first account has at the beginning. Default: as they come, about 12 a person. */
  enrollments?: number;
  /**
   * Who provisions the first account when it begins. `other` (default): another program, whose SCIM store holds the managed people and which
   * writes what happens to them; those who are not managed are exempt. `none`: SCIM has just been set up. Its store is empty, Test Mode is on,
   * nobody is exempt, and people come, go and move by hand alone.
   */
  provisioner?: Provisioner;
  /** Further accounts. */
  accounts?: readonly AccountOptions[];
  /** Default: the machine's. Only its differences count. */
  clock?: EmulatorClock;
  /** How delays are waited for; default: for real. A simulation moves its clock instead. Rejects when `signal` fires. */
  sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** When the world begins, an ISO time on a full hour. Default 2026-11-16T09:00:00.000Z. */
  startAt?: string;
};

/** A further account. */
export type AccountOptions = {
  name: string;
  people?: number;
  seed?: number;
  region?: Region;
  /** Default: what the switches say. */
  type?: 'paid' | 'trial' | 'free';
  anonymised?: boolean;
  enrollments?: number;
  provisioner?: Provisioner;
  /** Default: one made from name and seed. */
  reportingToken?: string;
};

/** What an account can be asked through, each with a key of its own: the Reporting API, User Events, GraphQL, SCIM. */
export const surfaces = ['reporting', 'events', 'product', 'scim'] as const;
export type Surface = (typeof surfaces)[number];

/** What tests need to know of an account. */
export type EmulatedAccount = {
  readonly id: string;
  readonly name: string;
  readonly region: Region;
  readonly reportingToken: string;
  readonly tokens: Readonly<Record<Surface, string>>;
  /** What a client is given as its base: `${reporting}/v1/users`, `${events}/event_types`, `product` itself, `${scim}/Users`. */
  readonly addresses: Readonly<Record<Surface, string>>;
  /** People that the unfiltered list shows now. */
  readonly people: number;
};
