/**
 * Checking a ledger, wherever: no Node module, cryptography injected ({@link webSuite} in browsers, `nodeSuite` of
 * `ledger/node` on servers). Nothing here holds a private key or believes what it's given.
 */
export { type BundleVerdict, type Verdict, type VerifyOptions, verifyBundle } from './bundle';
export { usageRoot } from './check-usage';
export {
  type Checkpoint,
  checkpointText,
  type LedgerMode,
  originOf,
  parseCheckpointText,
  verifyCheckpoint,
} from './checkpoint';
export { consistencyProof, consistencyProofFrom, type Head, verifyConsistency } from './consistency';
export { BUNDLE_FILES, type BundleFile, type Finding, type FindingCode } from './findings';
export {
  append,
  appendAll,
  EMPTY_FRONTIER,
  type Frontier,
  frontierFromBytes,
  frontierToBytes,
  rootOf,
} from './frontier';
export { type InclusionClaim, inclusionProof, verifyInclusion } from './inclusion';
export { type PublicJwk, publicJwkFrom, thumbprintOf } from './jwk';
export { formatNote, type Note, NoteError, parseNote, verifyNote } from './note';
export { type Hasher, type VerifySuite, webSuite } from './suite';
export { concatHashes, type LeafHashes, leafHash, rootOfLeaves } from './tree';
export { parseTrust, type Trust } from './trust';
export { formatVkey, parseVkey, type VerifierKey, verifierKey } from './vkey';
