import { randomUUID } from 'node:crypto';
import type { Call, CloudFault } from '../deployment/customer-cloud';
import type { Outside } from '../deployment/outside';

/** In everything that a provider is made to say: message, headers, body, request id, key id. */
export const MARK = 'LeakedMark';
export const marked = (): string => `${MARK}-${randomUUID()}`;
/** Not of the grammar of request ids, which alone are kept of an answer. */
export const markedId = (): string => `${marked()} ${marked()}`;
export const markedBase64 = (): string => Buffer.from(marked()).toString('base64');

export type Effect = CloudFault['effect'];

/** The ways in which a provider fails. Each call makes new ones, with marks of their own. */
export interface Failing {
  /** One for each cause that we know, and where it occurs. */
  causes(): readonly Pick<CloudFault, 'on' | 'effect'>[];
  /** Everything that a call there may be refused with, by each of its names. */
  refusals(on: 'credential' | 'unwrap'): readonly Effect[];
  notTheirs(): NotTheirs;
  /** We may not; from a session or token of before it may be no more than that. */
  denied(): Effect;
  disabled(): Effect;
  /** Passes if it's tried again. */
  transient(): Effect;
  /** Whoever's key it is about, our canary's too. @returns the fault's id */
  inject(outside: Outside, fault: CloudFault): string;
}

/** Answers that aren't the provider's at all. */
export interface NotTheirs {
  readonly page: Effect;
  readonly gateway: Effect;
  /** Of the right form, and of another key. */
  readonly otherKey: Effect;
  /** A refusal by no name that we know. */
  readonly unknown: Effect;
  readonly reset: Effect;
}

export function notTheirs(
  headers: () => Record<string, string>,
  { answer, refusal }: { readonly answer: object; readonly refusal: object },
): NotTheirs {
  const answered = (status: number, body: string): Effect => ({
    kind: 'malformed',
    ...{ status, body, headers: headers() },
  });
  return {
    page: answered(200, `<html>${marked()}</html>`),
    gateway: answered(502, `<html>${marked()}</html>`),
    otherKey: answered(200, JSON.stringify(answer)),
    unknown: answered(400, JSON.stringify(refusal)),
    reset: { kind: 'reset' },
  };
}

export const CALLS: readonly Call[] = ['credential', 'wrap', 'unwrap'];
