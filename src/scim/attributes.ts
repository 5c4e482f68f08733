/** What an attribute is (RFC 7643 section 7). */
export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'binary'
  | 'reference'
  | 'complex';
export type Mutability = 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
export type Returned = 'always' | 'never' | 'default' | 'request';
export type Uniqueness = 'none' | 'server' | 'global';

export type Attribute = {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: Mutability;
  readonly returned: Returned;
  readonly uniqueness: Uniqueness;
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
};

type Told = Partial<Omit<Attribute, 'name' | 'description' | 'type'>>;

const attribute = (name: string, type: AttributeType, description: string, told: Told = {}): Attribute => ({
  name,
  type,
  multiValued: false,
  description,
  required: false,
  caseExact: type === 'reference' || type === 'binary' || type === 'dateTime',
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...told,
});

export const text = (name: string, description: string, told?: Told): Attribute =>
  attribute(name, 'string', description, told);
export const flag = (name: string, description: string, told?: Told): Attribute =>
  attribute(name, 'boolean', description, told);
export const instant = (name: string, description: string, told?: Told): Attribute =>
  attribute(name, 'dateTime', description, told);
export const reference = (name: string, description: string, to: readonly string[], told?: Told): Attribute =>
  attribute(name, 'reference', description, { referenceTypes: to, ...told });
export const binary = (name: string, description: string, told?: Told): Attribute =>
  attribute(name, 'binary', description, told);
export const complex = (name: string, description: string, parts: readonly Attribute[], told?: Told): Attribute =>
  attribute(name, 'complex', description, { subAttributes: parts, ...told });

/** Several values with a `type`, of which at most one is `primary`. */
export const list = (name: string, description: string, types: readonly string[], value: Attribute): Attribute =>
  complex(
    name,
    description,
    [
      value,
      text('display', 'The value, for people.'),
      text('type', 'What kind of value it is.', types.length > 0 ? { canonicalValues: types } : {}),
      flag('primary', 'The preferred one; at most one is.'),
    ],
    { multiValued: true },
  );
