// swc only strips types; `tsc` and the linters judge them. ESM-only packages are transformed as well,
// because jest's module system cannot `require` them as Node does.
const shared = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(jose|@noble|canonicalize)/)'],
  modulePathIgnorePatterns: ['<rootDir>/.smsk'],
};

export default shared;
