import { type Command, InvalidArgumentError, Option } from 'commander';
import type { LimitSettings } from '../connections/connection.ts';

/** Infinity stands for `none`: the option parser takes null for a missing value. */
export type LimitFlags = {
  readonly perSecond?: number;
  readonly perMinute?: number;
  readonly perDay?: number;
};

export const withLimits = (command: Command): Command =>
  command
    .addOption(numberOrNone('--per-second <requests>', 'requests a second at most, or none'))
    .addOption(numberOrNone('--per-minute <requests>', 'requests a minute at most, or none'))
    .addOption(numberOrNone('--per-day <requests>', 'requests in a rolling day at most, or none'));

/** A whole number above 0, or `none`. */
export const numberOrNone = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text: string) => {
    if (text === 'none') return Number.POSITIVE_INFINITY;
    const number = Number(text);
    if (Number.isInteger(number) && number > 0) return number;
    throw new InvalidArgumentError('It must be a whole number above 0, or none.');
  });

export const orNull = (value: number | undefined): number | null | undefined =>
  value === Number.POSITIVE_INFINITY ? null : value;

/** The limits that were named; empty when none was. */
export const limitsOf = ({ perSecond, perMinute, perDay }: LimitFlags): LimitSettings =>
  given({ perSecond: orNull(perSecond), perMinute: orNull(perMinute), perDay: orNull(perDay) });

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
export const given = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
