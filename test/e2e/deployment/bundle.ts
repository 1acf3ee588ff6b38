import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { WORKFLOWS } from '../../../workers/bundle';
import { provided } from '../../harness/variables';

/** Our workflows, bundled once for the whole run: that takes seconds, and jest forgets modules between files. */
export async function workflowBundle(): Promise<{ code: string }> {
  const file = join(provided('folder'), 'workflow-bundle.js');
  if (!existsSync(file)) {
    const { code } = await bundleWorkflowCode({
      ...WORKFLOWS,
      logger: new DefaultLogger('ERROR'),
    });
    writeFileSync(`${file}.next`, code);
    renameSync(`${file}.next`, file);
  }
  return { code: readFileSync(file, 'utf8') };
}
