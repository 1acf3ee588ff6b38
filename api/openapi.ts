import swagger from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { App } from './app';
import type { ApiSettings } from './deps';

/** OpenAPI 3.1 out of the routes' own schemas: what is documented is what is checked. */
export async function documented(app: App, { url }: ApiSettings): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Self Managed Secret Keys',
        description: 'Customer-held root keys for workspace encryption. Errors: docs/ERRORS.md.',
        version: '1',
      },
      servers: [{ url }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document),
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}

/** Each named schema is generated as it's sent and as it's answered; one of the two is referred to by nobody. */
function withoutUnused(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  const text = JSON.stringify(document);
  const schemas = Object.entries(document.components?.schemas ?? {});
  const used = schemas.filter(([name]) => text.includes(`"#/components/schemas/${name}"`));
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(used) } };
}
