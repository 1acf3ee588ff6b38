import type { World } from '../world/world';
import { type Run, type Step, stepOf } from './run';

/** The end of the operator's key, one step after the other; a run that takes over reads first how far it has come. */
export async function nextSealing(world: World, run: Run): Promise<Step> {
  const { custody, operator } = world;
  const once = (key: string) => stepOf(run, `sealing/${key}/${world.uuid()}`);
  if (!run.done.has('progress')) {
    const progress = await custody.sealingProgress(once('progress'));
    if (progress.sealed)
      for (const name of ['disablePlatformKey', 'proved', 'recordSealed']) run.done.add(name);
    if (progress.erased) run.done.add('erasePlatformEnvelopes');
    if (progress.deletionScheduled) run.done.add('schedulePlatformKeyDeletion');
    run.done.add('progress');
  }
  const disable = once('disable');
  if (!run.done.has('disablePlatformKey'))
    return { name: 'disablePlatformKey', act: () => operator.disablePlatformKey(disable) };
  if (!run.done.has('proved')) {
    const probe = { ...once('probe'), nth: run.tries };
    return {
      name: `provePlatformRefuses ${run.tries}`,
      act: async () => {
        const { refused, enough } = await operator.provePlatformRefuses(probe);
        if (enough) run.done.add('proved');
        // Alive: it's disabled again.
        if (!refused) run.done.delete('disablePlatformKey');
        run.tries = probe.nth + 1;
        return null;
      },
    };
  }
  const [sealed, erase, remove, enter] = ['sealed', 'erase', 'delete', 'enter-live'].map(once) as [
    ReturnType<typeof once>,
    ReturnType<typeof once>,
    ReturnType<typeof once>,
    ReturnType<typeof once>,
  ];
  if (!run.done.has('recordSealed')) return { name: 'recordSealed', act: () => custody.recordSealed(sealed) };
  if (!run.done.has('erasePlatformEnvelopes'))
    return { name: 'erasePlatformEnvelopes', act: () => custody.erasePlatformEnvelopes(erase) };
  if (!run.done.has('schedulePlatformKeyDeletion')) {
    return {
      name: 'schedulePlatformKeyDeletion',
      act: async () => (await operator.schedulePlatformKeyDeletion(remove)).standing,
    };
  }
  return { name: 'enterLive', act: () => custody.enterLive(enter) };
}
