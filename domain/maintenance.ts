import { z } from 'zod';
import { type Instant, msOf } from './ids';
import { deploymentId, freeText, instant, organizationId, thumbprint } from './intake/fields';

/** JOSE `typ` of what an enrolled key signs about maintenance. */
export const MAINTENANCE_TYP = 'smsk-maintenance+jws';
/** The longest window, in milliseconds. */
export const LONGEST_WINDOW_MS = 7 * 86_400_000;

const nonce = z.string().regex(/^[A-Za-z0-9_-]{22,64}$/);
const signed = {
  type: z.literal('smsk-maintenance/v1'),
  deployment: deploymentId,
  org: organizationId,
  credentialId: thumbprint,
  nonce,
  /** Until when it may be handed in: seconds since 1970. */
  exp: z.int().positive(),
};

/** What the customer signs to declare a window, or to take one back. */
export const maintenancePayload = z.discriminatedUnion('action', [
  z.strictObject({
    ...signed,
    action: z.literal('declare'),
    from: instant,
    until: instant,
    /** Scanned for key material where it comes in. */
    reason: freeText(200),
  }),
  z.strictObject({
    ...signed,
    action: z.literal('cancel'),
    /** The nonce of the declaration. */
    cancels: nonce,
  }),
]);
export type MaintenancePayload = z.infer<typeof maintenancePayload>;
export type Declaration = Extract<MaintenancePayload, { action: 'declare' }>;

/** From the first moment to before the last. */
export interface MaintenanceWindow {
  readonly from: Instant;
  readonly until: Instant;
}

/** What is wrong with a window that is declared now, in words; `null`: nothing. */
export function windowFault({ from, until }: MaintenanceWindow, now: Instant): string | null {
  const ms = msOf(until) - msOf(from);
  if (ms <= 0) return 'until: must be after from';
  if (ms > LONGEST_WINDOW_MS) return 'until: must be at most 7 days after from';
  return until <= now ? 'until: is past' : null;
}

/** Whether a moment is inside one of the windows. */
export const isExpected = (windows: readonly MaintenanceWindow[], at: Instant): boolean =>
  windows.some(({ from, until }) => from <= at && at < until);

/**
 * Until when nobody is paged for an incident that opened at `openedAt`: the end of the windows that it's in now, one
 * after the other. `null`: it didn't open inside one, or they are over.
 */
export function quietUntil(
  windows: readonly MaintenanceWindow[],
  openedAt: Instant,
  now: Instant,
): Instant | null {
  if (!isExpected(windows, openedAt) || !isExpected(windows, now)) return null;
  let end = now;
  for (;;) {
    const next = windows.reduce((last, { from, until }) => (from <= end && until > last ? until : last), end);
    if (next === end) return end;
    end = next;
  }
}
