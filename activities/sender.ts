import type { z } from 'zod';
import { may, type Permission, UNVERIFIED } from '../domain/actor';
import type { RefusalSubject } from '../domain/change';
import { isRequestCode } from '../domain/codes';
import { digestOf } from '../domain/digest';
import { Refusal } from '../domain/failure';
import type { OperationId } from '../domain/ids';
import { actorPayloadDigest, messageSchemas, type ParsedMessage } from '../domain/message';
import type { Action } from '../domain/stages';
import type { CustodyDeps } from './deps';
import { recordingRefusals } from './refusals';
import type { By, Place, Sender } from './step';

/**
 * A message, or a start's input, as it reached the workflow. Whoever can run a worker or complete an activity can
 * make a workflow say anything; so who sent it is never said beside it, but found out by what carries it out.
 */
export interface Sent {
  /** As it travelled, its actor token included. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The update's id, which the token must name; `null` for a signal or a start. */
  readonly updateId: string | null;
  /** Names the message within its operation, where no token does. */
  readonly name: string;
}

/** The open operation that a run was started to go on with, and no other: the one that carried it was lost. */
export function goingOn({ payload }: Sent): { readonly only?: OperationId } {
  const { operationId } = payload;
  return typeof operationId === 'string' ? { only: operationId as OperationId } : {};
}

type Deps = Pick<CustodyDeps, 'store' | 'authority'>;

/**
 * Who sent it: by a token for this organization, this permission, exactly this payload, this operation and this
 * request; without one it's somebody in the Temporal UI.
 * @throws Refusal ACTOR_INVALID
 */
export async function senderOf(
  { store, authority }: Deps,
  about: { readonly organization: string; readonly operationId: OperationId | null },
  permission: Permission,
  { payload, updateId }: Sent,
): Promise<Sender> {
  const token = payload['actor'];
  if (typeof token !== 'string') return { actor: UNVERIFIED, jti: null };
  const claims = await authority.actor(token, permission, actorPayloadDigest(payload), await store.now());
  if (claims.organization !== about.organization)
    throw new Refusal('ACTOR_INVALID', 'of another organization');
  if (about.operationId !== null && payload['operationId'] !== about.operationId)
    throw new Refusal('ACTOR_INVALID', 'made for another operation');
  if (updateId !== null && claims.jti !== updateId)
    throw new Refusal('ACTOR_INVALID', 'made for another request');
  return { actor: { kind: claims.role, name: claims.name }, jti: claims.jti };
}

/** @throws Refusal FORBIDDEN */
export function demandMay({ actor }: Sender, permission: Permission): void {
  if (!may(actor.kind, permission)) throw new Refusal('FORBIDDEN');
}

export interface SenderQuestion {
  readonly organization: Place['organization'];
  readonly operationId: OperationId;
  readonly permission: Permission;
  readonly sent: Sent;
}

/**
 * Whether a message will be taken from whoever sent it: for an answer before it is carried out, which asks again.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN
 */
export async function identifyActor(
  deps: Deps,
  { organization, operationId, permission, sent }: SenderQuestion,
): Promise<void> {
  const about = { organization: organization.name, operationId };
  demandMay(await senderOf(deps, about, permission, sent), permission);
}

/** An operation's step that somebody asked for. */
export interface Asked extends Place {
  readonly sent: Sent;
}

/**
 * Carries out what a message asks of an operation: {@link carryOutAs}.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, INPUT_INVALID, and what `act` throws
 */
export function carryOut<A extends Action, T>(
  deps: Deps,
  asked: Asked,
  action: A,
  subject: RefusalSubject,
  act: (message: ParsedMessage<A>, by: By) => Promise<T>,
): Promise<T> {
  const schema: z.ZodType<ParsedMessage<A>> = messageSchemas[action] as never;
  return carryOutAs(deps, asked, action, schema, subject, act);
}

/**
 * Carries out what a message asks, if whoever sent it may ask for it. The step is named after the token, so a token
 * counts once: again it's the step that is done already, and once refused it stays refused. Refusals are in the
 * ledger, under whoever it is known to be.
 * @throws Refusal ACTOR_INVALID, FORBIDDEN, INPUT_INVALID, and what `act` throws
 */
export async function carryOutAs<M, T>(
  deps: Deps,
  {
    organization,
    operationId,
    sent,
  }: Pick<Asked, 'organization' | 'sent'> & { readonly operationId: OperationId | null },
  permission: Permission,
  schema: z.ZodType<M>,
  subject: RefusalSubject,
  act: (message: M, by: By) => Promise<T>,
): Promise<T> {
  const { store } = deps;
  let sender: Sender = { actor: UNVERIFIED, jti: null };
  await recordingRefusals(
    store,
    { organization: organization.id, subject: 'actor' },
    () => sender,
    async () => {
      sender = await senderOf(deps, { organization: organization.name, operationId }, permission, sent);
      demandMay(sender, permission);
    },
  );
  const { actor, jti } = sender;
  const before = jti === null ? null : await store.refusedWith(organization.id, jti);
  if (before !== null) throw new Refusal(isRequestCode(before) ? before : 'ACTOR_INVALID');
  return recordingRefusals(
    store,
    { organization: organization.id, subject },
    () => sender,
    async () => {
      const parsed = schema.safeParse(sent.payload);
      if (!parsed.success) throw new Refusal('INPUT_INVALID');
      return act(parsed.data, { actor, name: stepName(sender, sent) });
    },
  );
}

/** Those of messages that nobody signed for can't take the place of one that somebody did. */
const stepName = ({ jti }: Sender, { name }: Sent): string =>
  jti === null ? `unverified/${name}` : digestOf(jti).slice(0, 32);
