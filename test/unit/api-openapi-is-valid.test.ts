import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { type ApiWorld, createApiWorld } from '../fakes/api/world';

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly security?: object[];
  readonly parameters?: { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: object }> }>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: object };
}

let world: ApiWorld;
let document: Document;
beforeAll(async () => {
  world = await createApiWorld();
  document = (await world.request(null, 'GET', '/openapi.json')).body as unknown as Document;
});
afterAll(() => world.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('it says what OpenAPI 3.1 demands', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations()) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    const declared = (operation.parameters ?? [])
      .filter((each) => each.in === 'path')
      .map(({ name }) => name);
    expect([path, declared.sort()]).toEqual([path, named]);
    expect(Object.keys(operation.responses).length).toBeGreaterThan(0);
    expect(operation.summary).toEqual(expect.any(String));
  }
});

test('every schema in it is a JSON Schema (2020-12), and every reference leads somewhere', () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  const components = document.components.schemas;
  const compiles = (schema: object) => ajv.compile({ ...schema, components: { schemas: components } });
  for (const schema of Object.values(components)) expect(() => compiles(schema)).not.toThrow();
  for (const { operation } of operations()) {
    const bodies = [operation.requestBody, ...Object.values(operation.responses)];
    const schemas = [
      ...(operation.parameters ?? []).map(({ schema }) => schema),
      ...bodies.flatMap((body) => Object.values(body?.content ?? {}).map(({ schema }) => schema)),
    ];
    for (const schema of schemas) expect(() => compiles(schema)).not.toThrow();
  }
});

test('every route of /v1 needs a token and documents its problems', () => {
  for (const { path, operation } of operations().filter((each) => each.path.startsWith('/v1'))) {
    expect([path, operation.security]).toEqual([path, [{ token: [] }]]);
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['4XX', '5XX']));
  }
});
