import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Exclude<Schemas[string], { $ref: string }>;

/**
 * Says of all JSON bodies what `validationPipe` and the handlers hold them to: fields that are not in the schema are
 * refused, and so is a change of nothing.
 */
export function describeBodies(document: OpenAPIObject): void {
  for (const { post, put, patch } of Object.values(document.paths)) {
    for (const operation of [post, put, patch]) {
      const schema = bodySchema(operation?.requestBody, document.components?.schemas ?? {});
      if (!schema) continue;
      schema.additionalProperties = false;
      if (operation === patch) schema.minProperties = 1;
    }
  }
}

type Body = NonNullable<OpenAPIObject['paths'][string]['post']>['requestBody'];

function bodySchema(body: Body, schemas: Schemas): Schema | undefined {
  if (!body || '$ref' in body) return undefined;
  const schema = body.content['application/json']?.schema;
  if (!schema || !('$ref' in schema)) return schema;
  const named = schemas[schema.$ref.split('/').at(-1) ?? ''];
  return named && !('$ref' in named) ? named : undefined;
}
