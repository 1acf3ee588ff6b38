/** What a worker's bundle is made of: the workflows, and what everything sent to them passes first. */
export const WORKFLOWS = {
  workflowsPath: require.resolve('../workflows'),
  workflowInterceptorModules: [require.resolve('../workflows/intake/interceptors')],
};
