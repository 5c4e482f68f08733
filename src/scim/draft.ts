import type { Attribute } from './attributes.ts';
import { isObject, type Json, type JsonObject, own, type ScimResource, sameJson } from './json.ts';
import { attributeOf, isKeyed, type ResourceType } from './schema.ts';

/** Where a value is: an attribute of the core, or of an extension. */
export type Slot = { readonly schema?: string; readonly attribute: Attribute };

/**
 * A resource while it is changed. What it was made of stays as it is, so whoever throws halfway has changed nothing. Sets of references are
 * maps by their value as long as they are worked on: a thousand of them cost a thousand steps.
 */
export type Draft = {
  readonly type: ResourceType;
  readonly before: ScimResource;
  readonly values: Record<string, Json | undefined>;
  readonly sets: Map<string, Map<string, JsonObject>>;
};

export const draftOf = (type: ResourceType, before: ScimResource): Draft => ({
  type,
  before,
  values: { ...before },
  sets: new Map(),
});

export function get(draft: Draft, { schema, attribute }: Slot): Json | undefined {
  if (schema === undefined) return own(draft.values, attribute.name);
  const holder = own(draft.values, schema);
  return isObject(holder) ? own(holder, attribute.name) : undefined;
}

export function put(draft: Draft, { schema, attribute }: Slot, value: Json | undefined): void {
  const gone = value === undefined || (Array.isArray(value) && value.length === 0);
  if (schema === undefined) {
    draft.sets.delete(attribute.name);
    set(draft.values, attribute.name, gone ? undefined : value);
    return;
  }
  putOwn(draft, schema, attribute.name, gone ? undefined : value);
}

/** A value of an extension by its name. An extension without values goes. */
export function putOwn(draft: Draft, schema: string, name: string, value: Json | undefined): void {
  const there = own(draft.values, schema);
  const holder: Record<string, Json | undefined> = isObject(there) ? { ...there } : {};
  set(holder, name, value);
  set(draft.values, schema, Object.keys(holder).length === 0 ? undefined : holder);
}

function set(object: Record<string, Json | undefined>, name: string, value: Json | undefined): void {
  if (value === undefined) delete object[name];
  else object[name] = value;
}

/** The set of references of an attribute of the core, to be changed in place. */
export function setOf(draft: Draft, attribute: Attribute): Map<string, JsonObject> {
  const open = draft.sets.get(attribute.name);
  if (open) return open;
  const elements = own(draft.values, attribute.name);
  const made = new Map<string, JsonObject>();
  for (const element of Array.isArray(elements) ? (elements as readonly Json[]) : []) {
    if (isObject(element)) made.set(String(element.value), element);
  }
  draft.sets.set(attribute.name, made);
  return made;
}

/** Are values of this slot kept as a set? */
export const isSet = ({ schema, attribute }: Slot): boolean => schema === undefined && isKeyed(attribute);

/** What became of it. `schemas` names what is used. */
export function finish(draft: Draft): { resource: ScimResource; changed: boolean } {
  for (const [name, elements] of draft.sets) {
    set(draft.values, name, elements.size === 0 ? undefined : [...elements.values()]);
  }
  const extensions = Object.keys(draft.values).filter((name) => name.includes(':'));
  const { schemas: _, ...values } = draft.values;
  const resource = { schemas: [draft.type.schema.id, ...extensions.sort()], ...values };
  return { resource, changed: !sameJson(resource, draft.before) };
}

/** Attributes without which there is no resource, of which the draft has none. */
export const missing = (draft: Draft): readonly Attribute[] =>
  draft.type.schema.attributes.filter(({ name, required }) => {
    const value = own(draft.values, name);
    return required && (typeof value !== 'string' || value.trim() === '');
  });

/** Where a name of the core or of an extension leads; undefined when the schema does not have it. */
export function slotOf(type: ResourceType, name: string, schema?: string): Slot | undefined {
  const attribute = attributeOf(type, name, schema);
  if (!attribute) return undefined;
  const inCore = schema === undefined || schema === type.schema.id;
  return inCore ? { attribute } : { schema, attribute };
}
