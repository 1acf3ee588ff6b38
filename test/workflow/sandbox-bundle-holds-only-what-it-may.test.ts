import { relative, resolve } from 'node:path';
import { workflowBundle } from '../harness/workflow-bundle';

/** Packages that may run in the workflow sandbox. */
const PACKAGES = [
  '@temporalio/common',
  '@temporalio/workflow',
  '@noble/hashes',
  'canonicalize',
  'zod',
  // What those are made of.
  '@temporalio/proto',
  'long',
  'ms',
  'nexus-rpc',
  'protobufjs',
  '@protobufjs',
];
const FOLDERS = ['workflows/', 'domain/'];

const ROOT = resolve(__dirname, '../..');

/** The modules of a bundle, relative to the project, out of its inline source map. */
function modulesOf(code: string): string[] {
  const [, map = ''] =
    /sourceMappingURL=data:application\/json;[^,]*base64,([A-Za-z0-9+/=]+)/.exec(code) ?? [];
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] };
  return sources.map((source) => (source.startsWith('/') ? relative(ROOT, source) : source));
}

it('only workflows, domain and named packages get into the sandbox', async () => {
  const modules = modulesOf(workflowBundle().code);
  const ours = modules.filter((name) => !name.includes('node_modules/') && /\.ts$/.test(name));
  expect(ours.filter((name) => !FOLDERS.some((folder) => name.startsWith(folder)))).toEqual([]);
  expect(ours).toContain('workflows/activate-customer-key.ts');
  const packages = modules.flatMap((name) => {
    const [, path] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name) ?? [];
    return path === undefined ? [] : [path];
  });
  const isNamed = (name: string) => PACKAGES.some((each) => name === each || name.startsWith(`${each}/`));
  expect([...new Set(packages)].filter((name) => !isNamed(name))).toEqual([]);
}, 60_000);
