/** How jest's process tells the test files where the parts are. */
export const VARIABLES = {
  postgres: 'SMSK_TEST_POSTGRES_URL',
  temporal: 'SMSK_TEST_TEMPORAL_ADDRESS',
  temporalCli: 'SMSK_TEST_TEMPORAL_CLI',
  testServer: 'SMSK_TEST_TIME_SKIPPING_SERVER',
  /** File with the bundle of our workflows. */
  workflowBundle: 'SMSK_TEST_WORKFLOW_BUNDLE',
} as const;

/** @throws Error when the test file lies in a folder whose kind of test doesn't get this part. */
export function provided(part: keyof typeof VARIABLES): string {
  const value = process.env[VARIABLES[part]];
  if (value === undefined) {
    throw new Error(`no ${part} for this test: its folder decides what's started (docs/TESTING.md)`);
  }
  return value;
}
