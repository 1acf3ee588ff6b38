import { readFileSync } from 'node:fs';
import { provided } from './variables';

/** Our workflows as the run has bundled them. */
export const workflowBundle = (): { code: string } => ({
  code: readFileSync(provided('workflowBundle'), 'utf8'),
});
