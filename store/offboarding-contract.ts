import type { DryRunId, Instant, OperationId, OrganizationId } from '../domain/ids';
import type { OperationRecord } from './contract';

/** Who approved an offboarding's plan for the operator, and when. */
export interface OperatorApproved {
  readonly by: string;
  readonly at: Instant;
}

/** The store's part in offboardings. */
export interface OffboardingRecords {
  /** Our API's word for the last member of staff who approved the plan of this dry-run; `null`: nobody has. */
  operatorApproval(dryRunId: DryRunId): Promise<string | null>;
  /** Whether it was ever launched, so that a platform key may have been made for it. */
  wasLaunched(organization: OrganizationId, operationId: OperationId): Promise<boolean>;
  /** This operation, if it is an offboarding that ended before its switch, and may have left its platform key. */
  spareLeft(organization: OrganizationId, operationId: OperationId): Promise<OperationRecord | null>;
}
