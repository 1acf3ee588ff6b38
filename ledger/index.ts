/**
 * One append-only log per organization, which anybody can check with tools that aren't ours.
 *
 * THE FORMAT. An entry is a canonical JSON object (RFC 8785) with at least `index` (0, 1, …), `type`,
 * `organization`, `at`; `domain/ledger-entry.ts` has the rest. Its bytes are a leaf of a Merkle tree:
 *
 *     leaf  = SHA-256(0x00 ‖ entry)                     RFC 6962 §2.1
 *     node  = SHA-256(0x01 ‖ left ‖ right)              likewise
 *     head  = deployment/organization, size, root, mode a C2SP checkpoint, signed as a C2SP note (Ed25519)
 *
 * The database keeps the entries and one {@link Frontier}; the signer, another process, keeps the head it signed
 * last and signs only what a consistency proof (RFC 6962 §2.1.2) connects to it.
 *
 * APPENDING AND SIGNING, the whole of it (`test/unit/ledger-example.test.ts` runs this):
 *
 *     const leaf = leafHash(nodeSuite, entry);
 *     const next = append(nodeSuite, frontier, leaf);              // in the change's own transaction
 *     const last = await signer.lastHead(origin);                  // after its commit
 *     const note = await signer.signCheckpoint({
 *       origin, size: next.size, root: rootOf(nodeSuite, next),
 *       consistencyProof: consistencyProof(nodeSuite, leaves, last?.size ?? 0),
 *     });
 *
 * CRASHES. Every request to the signer may be repeated: it gives the same bytes. {@link StateUnknown} is the one
 * fatal error; who gets it stops and starts again. There's no recovery code: the next request is it.
 *
 * EVIDENCE. A bundle is the entries, the signed head, and every signed text that an entry keeps only the digest of:
 * statements, orders, approvals, and the enrolments by which approval keys added and removed one another. So who could
 * approve is a chain of signatures from an order (or a pinned key) on, each judged by the keys that counted at its
 * entry; nothing of it is believed because the ledger says so.
 *
 * CHECKING is in `verify/`, which runs in browsers too; `verify/bundle.ts` begins with the list of checks.
 */
export { type BundleInput, bundleFiles } from './bundle';
export { readBundle, writeBundle } from './bundle-folder';
export { type HeadRelation, relationOf } from './head-relation';
export { nodeSuite } from './node/suite';
export { openSigner, type SignerOptions } from './signer';
export { type SignerClientOptions, signerClient } from './signer-client';
export { openSignerDoor, type SignerDoor, type SignerDoorOptions } from './signer-door';
export { SignerRefused, SignerUnavailable } from './signer-errors';
export { createSignerKeys, hasSignerKeys } from './signer-keys';
export { StateUnknown } from './state-unknown';
export * from './verify/index';
