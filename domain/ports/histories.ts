/** Workflow histories as Temporal stores them. */
export interface Histories {
  /**
   * Asks once for the deletion of a closed run, and looks whether it's gone. Safe to repeat.
   * - `running`: it hasn't ended, nothing was asked
   * - `asked`: Temporal deletes it now, in its own time
   * - `gone`: neither the run nor its history is to be had
   */
  remove(run: { readonly workflowId: string; readonly runId: string }): Promise<'running' | 'asked' | 'gone'>;
}
