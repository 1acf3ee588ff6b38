import { z } from 'zod';
import type { Code } from '../../domain/codes';
import type { KeyVersion, OperationId, OrganizationId } from '../../domain/ids';
import { freeText, operationId, organizationName } from '../../domain/intake/fields';
import { actorToken } from '../../domain/message';
import { OPERATION_NOTICES, type OperationNoticeKind } from '../../domain/notice';
import type { Outcome } from '../../domain/stages';

/** Input of the workflows: small enough to be typed into the Temporal UI's start form. */
export const organizationInput = z.strictObject({ organization: organizationName, actor: actorToken });

/** Of an operation: with `operationId` it goes on with that one, which lost its run, and opens none. */
export const operationInput = organizationInput.extend({ operationId: operationId.optional() });

/** Of the telling of one notice about an operation. */
export const noticeInput = z.strictObject({
  kind: z.enum(OPERATION_NOTICES),
  organization: organizationName,
  operation: operationId,
});

/** As it travels. */
export interface NoticeInput {
  readonly kind: OperationNoticeKind;
  readonly organization: string;
  readonly operation: string;
}

/** Of a sweep: nothing for the schedule's, one organization for one by hand. */
export const sweepInput = z.strictObject({ organization: organizationName.optional() });

export interface SweepInput {
  readonly organization?: string;
}

/** How many were probed and how many of them weren't clean; `null`: not looked at. */
interface Swept {
  readonly probed: number;
  readonly failed: number;
}
export interface SweepResult {
  readonly customerKeys: Swept;
  readonly platformKeys: Swept | null;
  readonly records: Swept | null;
}

/** How many ledgers were audited, and of how many something was found. */
export interface AuditResult {
  readonly audited: number;
  readonly found: number;
}

/** As it travels: `{"organization": "acme"}`. */
export interface OrganizationInput {
  readonly organization: string;
  readonly actor?: string;
}

export interface OperationInput extends OrganizationInput {
  readonly operationId?: string;
}

export const rotationInput = operationInput.extend({
  /** Mint the workspace key's next version as well. */
  newKeyVersion: z.boolean().optional(),
  reason: freeText(200).optional(),
});

/** As it travels: `{"organization": "acme"}`, or with what is wanted beside the new wrap. */
export interface RotationInput extends OperationInput {
  readonly newKeyVersion?: boolean;
  readonly reason?: string;
}

export interface RotationResult {
  readonly operationId: OperationId;
  readonly outcome: Outcome;
  /** Code of why it ended otherwise than by a switch. */
  readonly reason: Code | null;
}

export interface CreateOrganizationResult {
  readonly organizationId: OrganizationId;
}

/** How an operation that people approve has ended. */
export interface OperationResult {
  readonly operationId: OperationId;
  readonly outcome: Outcome;
  /** The key version new data is encrypted under, where the outcome is `completed`. */
  readonly currentVersion: KeyVersion | null;
}

export interface RecoveryResult {
  /** Incidents that this run closed: none where none was open. */
  readonly closed: number;
}
