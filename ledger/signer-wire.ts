import { z } from 'zod';
import type { Epoch, OrganizationId } from '../domain/ids';
import { organizationId } from '../domain/intake/fields';
import { type CheckpointRequest, HEADS_AT_ONCE, type SignedHead, type Signer } from '../domain/ports/signer';
import type { Statement, StatementKind } from '../domain/statement';
import { SIGNER_REFUSALS, type SignerRefusalCode, SignerUnavailable } from './signer-errors';
import { fromBase64, toBase64 } from './verify/encoding';

/**
 * How the signer's methods travel: `POST /v1/<method>` with a JSON body, answered by 200 and JSON, or by
 * `{"code"}`: 409 for a refusal, 503 when the signer stopped (STATE_UNKNOWN), 400, 401, 404. Bytes are base64.
 */

/** Larger than any consistency proof (53 hashes), statement, or page of origins. */
export const MAX_BODY_BYTES = 1_048_576;
export const STATE_UNKNOWN = 'STATE_UNKNOWN';

const hash = z
  .string()
  .max(44)
  .transform((text, context) => {
    const bytes = fromBase64(text);
    if (bytes?.length === 32) return bytes;
    context.addIssue({ code: 'custom', message: 'must be base64 of 32 bytes' });
    return z.NEVER;
  });
const head = z.strictObject({ size: z.int().nonnegative(), root: hash });
const origin = z.string().max(100);

const requests = {
  signCheckpoint: z.strictObject({
    origin,
    size: z.int().nonnegative(),
    root: hash,
    consistencyProof: z.array(hash).max(128),
  }),
  lastHead: z.strictObject({ origin }),
  lastHeads: z.strictObject({ origins: z.array(origin).max(HEADS_AT_ONCE) }),
  // What's in a statement is the signer's to judge, wherever it runs.
  signStatement: z.strictObject({
    kind: z.enum(['envelope', 'custody', 'sealed', 'offboarded']),
    statement: z.custom<Statement>((value) => typeof value === 'object' && value !== null),
  }),
  epochFloor: z.strictObject({ organization: organizationId }),
  raiseEpochFloor: z.strictObject({ custodyStatement: z.string().max(16_384) }),
  keys: z.strictObject({}),
};

const answers = {
  signCheckpoint: z.strictObject({ note: z.string() }),
  lastHead: z.strictObject({ head: head.nullable() }),
  lastHeads: z.strictObject({
    heads: z
      .array(z.strictObject({ origin, head: head.nullable() }))
      .max(HEADS_AT_ONCE)
      .refine((heads) => new Set(heads.map((each) => each.origin)).size === heads.length, 'one head each'),
  }),
  signStatement: z.strictObject({ jws: z.string() }),
  epochFloor: z.strictObject({ epoch: z.int().nonnegative() }),
  raiseEpochFloor: z.strictObject({}),
  keys: z.strictObject({
    checkpointVkey: z.string(),
    custodyJwk: z.strictObject({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
    }),
  }),
};

export type SignerMethod = keyof typeof requests;
export const isSignerMethod = (name: string): name is SignerMethod => Object.hasOwn(requests, name);

/** Body of a refusal. */
export const refusal = z.strictObject({ code: z.string().max(40) });
export const isSignerRefusal = (code: string): code is SignerRefusalCode =>
  Object.hasOwn(SIGNER_REFUSALS, code);

const headJson = (value: SignedHead | null) => value && { size: value.size, root: toBase64(value.root) };

/** Runs one request against a signer. @throws z.ZodError for a malformed body, and what the signer throws. */
export async function serve(signer: Signer, method: SignerMethod, body: unknown): Promise<object> {
  switch (method) {
    case 'signCheckpoint':
      return { note: await signer.signCheckpoint(requests.signCheckpoint.parse(body)) };
    case 'lastHead':
      return { head: headJson(await signer.lastHead(requests.lastHead.parse(body).origin)) };
    case 'lastHeads': {
      const heads = await signer.lastHeads(requests.lastHeads.parse(body).origins);
      return { heads: [...heads].map(([log, last]) => ({ origin: log, head: headJson(last) })) };
    }
    case 'signStatement': {
      const { kind, statement } = requests.signStatement.parse(body);
      return { jws: await signer.signStatement(kind, statement) };
    }
    case 'epochFloor':
      return { epoch: await signer.epochFloor(requests.epochFloor.parse(body).organization) };
    case 'raiseEpochFloor':
      await signer.raiseEpochFloor(requests.raiseEpochFloor.parse(body).custodyStatement);
      return {};
    case 'keys':
      requests.keys.parse(body);
      return signer.keys();
    default:
      return method satisfies never;
  }
}

/**
 * The same requests as a client writes them: {@link serve} in reverse. `call` sends a body and brings the answer's.
 * @throws SignerUnavailable for an answer of another shape.
 */
export function remoteSigner(call: (method: SignerMethod, body: object) => Promise<unknown>): Signer {
  async function ask<T>(method: SignerMethod, body: object, answer: z.ZodType<T>): Promise<T> {
    const { data } = answer.safeParse(await call(method, body));
    if (data === undefined) throw new SignerUnavailable(`the signer answered ${method} in another shape`);
    return data;
  }
  return {
    async signCheckpoint({ origin: log, size, root, consistencyProof }: CheckpointRequest) {
      const body = {
        origin: log,
        size,
        root: toBase64(root),
        consistencyProof: consistencyProof.map(toBase64),
      };
      return (await ask('signCheckpoint', body, answers.signCheckpoint)).note;
    },
    async lastHead(log: string) {
      return (await ask('lastHead', { origin: log }, answers.lastHead)).head;
    },
    async lastHeads(origins: readonly string[]) {
      const { heads } = await ask('lastHeads', { origins }, answers.lastHeads);
      return new Map(heads.map(({ origin: log, head: last }) => [log, last]));
    },
    async signStatement(kind: StatementKind, statement: Statement) {
      return (await ask('signStatement', { kind, statement }, answers.signStatement)).jws;
    },
    async epochFloor(organization: OrganizationId) {
      return (await ask('epochFloor', { organization }, answers.epochFloor)).epoch as Epoch;
    },
    async raiseEpochFloor(custodyStatement: string) {
      await ask('raiseEpochFloor', { custodyStatement }, answers.raiseEpochFloor);
    },
    keys: () => ask('keys', {}, answers.keys),
  };
}
