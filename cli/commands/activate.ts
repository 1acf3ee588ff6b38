import type { AddCommand, Outcome, Run } from '../command';
import { forOrganization } from '../options';
import { type StartOptions, startOperation, withWait } from '../start';

/** `smsk activate` */
export const activate: AddCommand = (program, act) => {
  act(
    withWait(forOrganization(program.command('activate'))).description(
      'start the activation of a customer-held key',
    ),
    start,
  );
};

const start = (run: Run, options: StartOptions): Promise<Outcome> =>
  startOperation(run, options, 'activate', run.client.startActivation);
