import { CancellationScope, condition } from '@temporalio/workflow';
import type { OpenIncident } from '../../activities/recovery/open';
import type { IncidentNotice } from '../../domain/notice';
import { failureOf } from '../failures';
import { logSecurityEvent, tell } from '../notices';
import type { Recovery } from './state';

/** What is being told, beside what the recovery does: it waits for no receiver. */
export interface Telling {
  readonly notice: IncidentNotice;
  cancel(): void;
  isDone: boolean;
}

const noticeOf = (
  recovery: Recovery,
  { id }: OpenIncident,
  kind: IncidentNotice['kind'],
): IncidentNotice => ({
  kind,
  organization: recovery.organization,
  incident: id,
});

/** The incident's opening is a security event, once; people are told where it's felt. */
export async function announce(recovery: Recovery, incident: OpenIncident): Promise<void> {
  const opened = noticeOf(recovery, incident, 'incident-opened');
  if (recovery.announced !== incident.id) await logSecurityEvent(opened);
  recovery.announced = incident.id;
  if (incident.hasImpact) tellBeside(recovery, opened);
}

/** A probe has failed: with the one that opened it, or an operation, that is service impact. */
export function announceImpact(recovery: Recovery, incident: OpenIncident): void {
  tellBeside(recovery, noticeOf(recovery, incident, 'incident-opened'));
}

/** It's over. Who wasn't told of it yet isn't any more; who was, is told the end. */
export async function announceEnd(recovery: Recovery, incident: OpenIncident): Promise<void> {
  for (const telling of recovery.tellings) if (!telling.isDone) telling.cancel();
  const closed = noticeOf(recovery, incident, 'incident-closed');
  await logSecurityEvent(closed);
  tellBeside(recovery, closed);
}

/** Until everybody is told, or something is refused again. */
export const untilTold = (recovery: Recovery): Promise<void> =>
  condition(() => recovery.refusedAgain || recovery.tellings.every(({ isDone }) => isDone));

function tellBeside(recovery: Recovery, notice: IncidentNotice): void {
  const isSame = (each: Telling) =>
    each.notice.kind === notice.kind && each.notice.incident === notice.incident;
  if (recovery.tellings.some(isSame)) return;
  const scope = new CancellationScope();
  const telling: Telling = { notice, cancel: () => scope.cancel(), isDone: false };
  recovery.tellings.push(telling);
  const told = scope
    .run(() => tell(notice))
    .catch((error: unknown) => {
      // Cancelled, or refused: who couldn't be told is on record, and the recovery goes on.
      failureOf(error);
    });
  void told.then(() => {
    telling.isDone = true;
  });
}
