import { auditEventOf } from './audit-event';
import { cloudTrailOf } from './cloud-trail';
import type { ProviderRecord } from './provider-record';

/** @returns `unrelated`: of a log, but no call; `null`: no record that we know. */
export const providerRecordOf = (json: object): ProviderRecord | 'unrelated' | null =>
  cloudTrailOf(json) ?? auditEventOf(json);
