import type { ChangeOf } from '../domain/change';
import { Refusal } from '../domain/failure';
import type { ActivityStore } from './deps';
import { type By, commitAs, type Place, type Standing, standingNow } from './step';

/** Work that is still running may move the operation while it is being closed: then once more. */
const TRIES = 3;

/**
 * Ends an operation, whatever stage before its switch it has come to; custody stays as it was.
 * @param demand what must be true of where it stands; throws Refusal
 * @throws Refusal STAGE_MISMATCH where it has switched, or has ended otherwise
 */
export async function closeBeforeSwitch(
  store: ActivityStore,
  step: Omit<Place, 'stage'>,
  by: By,
  end: Omit<ChangeOf<'operation-closed'>, 'type'>,
  demand: (standing: Standing) => Promise<void> = async () => undefined,
  tries = TRIES,
): Promise<Standing> {
  const standing = await standingNow(store, step);
  const { stage } = standing;
  // As when this step's answer was lost.
  if (stage === 'closed' && standing.outcome === end.outcome) return standing;
  if (stage === 'closed' || stage === 'sealing' || stage === 'handoff') throw new Refusal('STAGE_MISMATCH');
  await demand(standing);
  try {
    await commitAs(store, { ...step, stage }, by, { type: 'operation-closed', ...end }, 'closed', {
      closing: end,
    });
  } catch (error) {
    const isMoved = error instanceof Refusal && error.code === 'STAGE_MISMATCH';
    if (!isMoved || tries === 1) throw error;
    return closeBeforeSwitch(store, step, by, end, demand, tries - 1);
  }
  return standingNow(store, step);
}
