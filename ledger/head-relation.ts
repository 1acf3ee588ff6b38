import { nodeSuite } from './node/suite';
import { type Head, verifyConsistency } from './verify/consistency';
import { sameBytes } from './verify/encoding';

/**
 * How the database's ledger stands to the head its signer remembers, asked by every process at its start:
 * `same` and `ahead` are well (what's ahead waits to be signed); `behind` is a restored backup; `forked` has
 * another past. In the last two, no custody operation and no encrypt until it's reconciled.
 */
export type HeadRelation = 'same' | 'ahead' | 'behind' | 'forked';

/**
 * @param proof consistency proof (RFC 6962 §2.1.2) from the signer's size to the database's; empty unless the
 * database is larger.
 */
export function relationOf(database: Head, signer: Head | null, proof: readonly Uint8Array[]): HeadRelation {
  if (signer === null || signer.size === 0) return database.size === 0 ? 'same' : 'ahead';
  if (database.size < signer.size) return 'behind';
  if (database.size === signer.size) return sameBytes(database.root, signer.root) ? 'same' : 'forked';
  return verifyConsistency(nodeSuite, signer, database, proof) ? 'ahead' : 'forked';
}
