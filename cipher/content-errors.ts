/** What can be wrong with one item of content. None of these carries a byte of what was refused. */

export type MalformedFault = 'truncated' | 'oversize' | 'unknown-format' | 'bad-key-version';

/** The bytes aren't a ciphertext of ours: they were never handed to the cipher. */
export class CiphertextMalformed extends Error {
  override readonly name = 'CiphertextMalformed';
  constructor(readonly fault: MalformedFault) {
    super(`not a ciphertext of this format: ${fault}`);
  }
}

/**
 * Authentication failed. Wrong key, organization, version, context, or changed bytes: all of them look the
 * same from outside, because telling them apart would help only someone who is guessing.
 */
export class CiphertextRejected extends Error {
  override readonly name = 'CiphertextRejected';
  constructor() {
    super('the ciphertext was rejected');
  }
}

/** The plaintext is over the limit of one item. */
export class PlaintextOversize extends Error {
  override readonly name = 'PlaintextOversize';
  constructor(readonly maxBytes: number) {
    super(`the plaintext is larger than ${maxBytes} bytes`);
  }
}

export type ContextFault = 'bad-key' | 'ill-formed-text' | 'oversize';

/** The caller's context can't be encoded unambiguously, or is over its limit. */
export class ContextInvalid extends Error {
  override readonly name = 'ContextInvalid';
  constructor(readonly fault: ContextFault) {
    super(`the encryption context is invalid: ${fault}`);
  }
}

/** A key was used after `destroy()`: a fault in our own code, never the caller's. */
export class KeyDestroyed extends Error {
  override readonly name = 'KeyDestroyed';
  constructor() {
    super('the workspace key was used after it was destroyed');
  }
}
