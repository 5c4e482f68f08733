import { hash } from 'node:crypto';
import { guidKey } from '../lib/guid.ts';
import type { StepGroup, StepPerson } from './plan.ts';

const PREFIX = 'new_';

/** Whether an id is one that we gave, because KnowBe4 has not given one yet. */
export const isProvisional = (id: string): boolean => id.startsWith(PREFIX);

/** What a person who is being created, or a group, is called until KnowBe4 has given an id. The same for the same person, however often they are planned. */
export const provisionalId = (connectionId: string, key: string): string =>
  `${PREFIX}${hash('sha256', `${connectionId}\n${key}`, 'hex').slice(0, 24)}`;

export const provisionalIdOf = (connectionId: string, { key, email }: StepPerson): string =>
  provisionalId(connectionId, key ?? `email ${email?.toLowerCase() ?? ''}`);

export const provisionalGroupId = (connectionId: string, { name }: Pick<StepGroup, 'name'>): string =>
  provisionalId(connectionId, `group ${name.toLowerCase()}`);

/**
 * By what the store behind the road knows them: the source's own id where it is a GUID, as other provisioners send it; else the key, in which the
 * source's name keeps two sources with equal numbers apart. Null for somebody whom no source knows.
 */
export const externalIdOf = ({ source, key }: StepPerson): string | null =>
  source !== null && guidKey(source.sourceId) !== null ? source.sourceId : key;
