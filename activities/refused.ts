import { UNVERIFIED } from '../domain/actor';
import type { RefusalSubject } from '../domain/change';
import type { RequestCode } from '../domain/codes';
import { Refusal } from '../domain/failure';
import type { Action } from '../domain/stages';
import type { CustodyDeps } from './deps';
import { type Sent, senderOf } from './sender';
import type { Place, Sender } from './step';

export interface RefusalNote {
  readonly organization: Place['organization'];
  readonly operationId: Place['operationId'];
  readonly subject: RefusalSubject;
  readonly code: RequestCode;
  /** What was refused; `null`: the Temporal UI's Cancel. */
  readonly message: { readonly action: Action; readonly sent: Sent } | null;
}

/** A refusal that the workflow itself pronounced, of a message that no activity was asked to carry out. */
export async function recordRefusal(
  deps: Pick<CustodyDeps, 'store' | 'authority'>,
  { organization, operationId, subject, code, message }: RefusalNote,
): Promise<void> {
  const nobody: Sender = { actor: UNVERIFIED, jti: null };
  const about = { organization: organization.name, operationId };
  const sender =
    message === null
      ? nobody
      : await senderOf(deps, about, message.action, message.sent).catch((error: unknown) => {
          if (error instanceof Refusal) return nobody;
          throw error;
        });
  await deps.store.recordRefusal({ organization: organization.id, subject, code, ...sender });
}
