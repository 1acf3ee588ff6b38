// swc only strips types; `tsc` and the linters judge them. ESM-only packages are transformed as well,
// because jest's module system cannot `require` them as Node does.
const shared = {
  testEnvironment: 'node',
  cacheDirectory: '<rootDir>/node_modules/.cache/jest',
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(jose|@noble|canonicalize|@prisma/schema-engine-wasm)/)'],
  modulePathIgnorePatterns: ['<rootDir>/.smsk'],
  globalTeardown: '<rootDir>/test/harness/global-teardown.ts',
};

/** A kind of test is what it needs started; jest starts it only when a file of that kind is going to run. */
const kind = (displayName, folders, globalSetup) => ({
  ...shared,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
  ...(globalSetup === undefined ? {} : { globalSetup: `<rootDir>/test/harness/${globalSetup}.ts` }),
});

export default {
  maxWorkers: 2,
  // A net, not a measure: on two busy cores a server may take many seconds to start.
  testTimeout: 60_000,
  cacheDirectory: shared.cacheDirectory,
  projects: [
    kind('unit', ['unit', 'conformance', 'safety']),
    kind('workflow', ['workflow', 'histories'], 'setup-workflow'),
    kind('parts', ['store', 'crash', 'model', 'parts'], 'setup-parts'),
    kind('e2e', ['e2e'], 'setup-e2e'),
  ],
};
