/** JSON Schema of one field's value, as far as events need it; its `type` is that of the TypeScript type. */
export type ValueSchema<V> = Notes &
  (V extends string
    ? { type: 'string'; format?: 'uuid' | 'email' | 'date-time'; const?: V; pattern?: string }
    : V extends boolean
      ? { type: 'boolean'; const?: V }
      : V extends Record<string, number>
        ? ObjectSchema
        : V extends object
          ? ObjectSchema
          : never);

interface Notes {
  description?: string;
  examples?: readonly unknown[];
}

/** Of an object with these fields and no others: a new field is not sent before it is written down here. */
export interface ObjectSchema {
  type: 'object';
  description?: string;
  properties: Record<string, object>;
  required: string[];
  additionalProperties: false;
}

/** A schema for each field of `D`, and whether it may be missing: what does not fit the TypeScript type does not compile. */
export type Fields<D> = {
  [K in keyof D]-?: undefined extends D[K]
    ? { schema: ValueSchema<NonNullable<D[K]>>; optional: true }
    : { schema: ValueSchema<D[K]>; optional?: never };
};

export function objectSchema(fields: Record<string, { schema: object; optional?: true }>): ObjectSchema {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, { schema }]) => [name, schema])),
    required: entries.filter(([, { optional }]) => optional !== true).map(([name]) => name),
    additionalProperties: false,
  };
}
