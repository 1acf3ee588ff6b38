import type { KeysView } from '../../api/client';

/** How a rotation stands or ended. */
export function rotationText({
  id,
  stage,
  stageSince,
  outcome,
  reason,
}: NonNullable<KeysView['rotation']>): string {
  if (outcome === null) return `under way, ${stage} since ${stageSince} (${id})`;
  return `${outcome}${reason === null ? '' : `, ${reason}`}, ${stageSince} (${id})`;
}
