// The import wall. One row per folder, exactly the rows of docs/ARCHITECTURE.md: a folder imports itself,
// what its row names, and nothing else of ours. `types` rows may be imported with `import type` only.
const rows = {
  domain: { may: [] },
  workflows: { may: ['domain'], types: ['activities'] },
  activities: { may: ['domain', 'ledger', 'store'] },
  workers: {
    may: [
      'domain',
      'workflows',
      'activities',
      'ledger',
      'providers',
      'cipher',
      'authority',
      'store',
      'runtime',
    ],
  },
  ledger: { may: ['domain'] },
  providers: { may: ['domain'] },
  cipher: { may: ['domain'] },
  authority: { may: ['domain'] },
  store: { may: ['domain', 'ledger'] },
  runtime: { may: ['domain'] },
  api: { may: ['domain', 'workflows/contract', 'store', 'ledger', 'cipher', 'authority', 'runtime'] },
  'api/main.ts': {
    may: [
      'domain',
      'workflows/contract',
      'store',
      'ledger',
      'cipher',
      'authority',
      'runtime',
      'providers',
      'activities',
    ],
  },
  cli: { may: ['api/client', 'domain', 'ledger/verify'] },
  emulators: { may: [] },
};
const ours =
  '^(domain|workflows|activities|workers|ledger|providers|cipher|authority|store|runtime|api|cli|emulators|scripts|test)/';

const wall = Object.entries(rows).flatMap(([folder, { may, types = [] }]) => {
  const isFile = folder.endsWith('.ts');
  const home = isFile ? folder.split('/')[0] : folder;
  const from = isFile
    ? { path: `^${folder}$` }
    : {
        path: `^${folder}/`,
        pathNot: Object.keys(rows)
          .filter((r) => r.endsWith('.ts'))
          .map((r) => `^${r}$`),
      };
  const allowed = [home, ...may].map((f) => `^${f}/`);
  const rule = (name, to) => ({ name: `${folder}: ${name}`, severity: 'error', from, to });
  return [
    rule('imports only what its row names', {
      path: ours,
      pathNot: [...allowed, ...types.map((f) => `^${f}/`)],
    }),
    ...types.map((f) =>
      rule(`imports ${f} as types only`, { path: `^${f}/`, dependencyTypesNot: ['type-only'] }),
    ),
  ];
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...wall,
    {
      name: 'domain: no Node',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'domain: no Temporal, no SDK',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: 'node_modules/', pathNot: 'node_modules/(@noble/hashes|zod|canonicalize)/' },
    },
    {
      name: 'ledger/verify runs in browsers',
      severity: 'error',
      from: { path: '^ledger/verify/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'workflows: the sandbox has only Temporal',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/(@temporalio/(workflow|common|activity)|zod|@noble/hashes)/',
      },
    },
    {
      name: 'cloud SDKs only in providers',
      severity: 'error',
      from: { path: ours, pathNot: '^(providers|test|scripts|emulators)/' },
      to: { path: 'node_modules/(@aws-sdk|@azure)/' },
    },
    {
      name: 'the database only in store',
      severity: 'error',
      from: { path: ours, pathNot: '^(store|prisma|test|scripts)/' },
      to: { path: 'node_modules/(@prisma|prisma|pg)/|/generated/' },
    },
    {
      name: 'no circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'nothing unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['node_modules/\\.cache', '\\.smsk', 'test/safety/fixtures'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
