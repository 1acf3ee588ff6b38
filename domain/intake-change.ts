import type { Code } from './codes';

/** Changes about what came past the codec. They move no custody. */
export type IntakeChange =
  /**
   * A start, signal or update came past the codec, so the run's history held what nobody could look at first, perhaps
   * key material. It wasn't acted on.
   */
  | {
      type: 'intake-incident-opened';
      workflowId: string;
      runId: string;
      message: 'start' | 'signal' | 'update';
      code: Code;
      detector: string | null;
      length: number;
    }
  /** Temporal has deleted that history. */
  | { type: 'intake-incident-closed'; runId: string };
