import type { OrganizationId } from '../domain/ids';

/** A row that no ledger entry explains. */
export interface UnexplainedRow {
  readonly table:
    | 'ledger_entry'
    | 'envelope'
    | 'key_version'
    | 'custody'
    | 'organization'
    | 'connection'
    | 'verification'
    | 'dry_run'
    | 'signed_order'
    | 'approver_key'
    | 'approver_removal'
    | 'incident'
    | 'drift'
    | 'approval'
    | 'operator_approval'
    | 'reference_registration'
    | 'reference_confirmation'
    | 'reference_withdrawal'
    | 'handoff'
    | 'notice_endpoint'
    | 'notice_endpoint_removal'
    | 'maintenance_window'
    | 'maintenance_cancellation'
    | 'rotation_due';
  readonly organization: OrganizationId;
  /** Names the row in its table: its own id, or what it is about. */
  readonly row: string;
  readonly why: string;
}
