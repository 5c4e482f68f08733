import type { Event } from '../../events/event.ts';
import { clean } from './cell.ts';
import { table } from './table.ts';
import { moment } from './words.ts';

const TYPE_WIDTH = 26;

/** `2026-11-21 09:00  user.updated  acme  amara.okafor@example.com: department Sales → Finance` */
export function eventLine({ at, type, data }: Event, connection: string): string {
  const words = [whoOf(data), whatOf(data)].filter(Boolean).join(': ');
  return `${clean(`${moment(at)}  ${type.padEnd(TYPE_WIDTH)}  ${connection}  ${words}`).trimEnd()}\n`;
}

type Data = Event['data'];
type Named = { readonly id?: unknown; readonly name?: unknown; readonly email?: unknown };

/** The first thing that an event is about, by its name. */
function whoOf(data: Data): string {
  for (const key of [
    'user',
    'group',
    'enrollment',
    'test',
    'campaign',
    'content',
    'endpoint',
    'hold',
    'account',
    'source',
  ]) {
    const one = data[key] as Named | null | undefined;
    const name = one?.email ?? one?.name ?? one?.id;
    if (typeof name === 'string') return name;
  }
  return typeof data.stream === 'string' ? data.stream : '';
}

function whatOf(data: Data): string {
  if (typeof data.detail === 'string') return data.detail;
  const error = data.error as { readonly detail?: unknown } | null | undefined;
  if (typeof error?.detail === 'string') return error.detail;
  if (typeof data.failure === 'string') return data.failure.replaceAll('_', ' ');
  if ('risk_score' in data) return `${shown(data.previous_risk_score)} → ${shown(data.risk_score)}`;
  if (data.user && data.group) return `in ${String((data.group as Named).name ?? (data.group as Named).id)}`;
  const { attributes, previous_attributes: previous } = data as { attributes?: object; previous_attributes?: Data };
  return Object.entries(attributes ?? {})
    .filter(([, value]) => value === null || typeof value !== 'object')
    .slice(0, 3)
    .map(([name, value]) => `${name} ${shown(previous?.[name])} → ${shown(value)}`)
    .join(', ');
}

const shown = (value: unknown): string =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : String(value ?? '–');

type Type = { readonly type: string; readonly scope: string; readonly description: string };

export const typesText = (types: readonly Type[], width: number): string =>
  table(
    types,
    [
      { title: 'type', value: ({ type }) => type, least: 20 },
      { title: 'scope', value: ({ scope }) => scope },
      { title: 'when', value: ({ description }) => description },
    ],
    width,
  );
