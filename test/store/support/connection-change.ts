import { randomBytes } from 'node:crypto';
import type { ConnectionInput } from '../../../domain/connection';
import { sha256Hex } from '../../../domain/digest';
import type { ConnectionId, KeyRef, KeyVersion } from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import { Rotation } from './rotation';
import type { Story } from './story';

const ACTOR = { kind: 'support', name: 'sam' } as const;

/** The change of an active organization's connection, one step after the other, as its activities would make it. */
export class ConnectionChange {
  /** Ends as a rotation does: what is superseded is erased. */
  private readonly ending: Rotation;

  constructor(
    readonly story: Story,
    readonly input: ConnectionInput,
    readonly keyRef = input.key as KeyRef,
  ) {
    this.ending = new Rotation(story, keyRef);
  }

  async claim(claimant = 'change-1'): Promise<void> {
    const { store, name } = this.story;
    const before = this.story.operation;
    const claim = { organization: name, kind: 'change-connection', claimant, actor: ACTOR } as const;
    const claimed = await store.claim(claim);
    // What the story knows of its connection is not in the claim's answer until it is entered.
    this.story.operation = claimed.id === before.id ? { ...before, epoch: claimed.epoch } : claimed;
  }

  connect(input = this.input): Promise<ConnectionId> {
    return this.story.connect('setup', input);
  }

  /** To an approved plan. */
  async approved(): Promise<void> {
    const { story } = this;
    await this.claim();
    await story.confirmEntitlement();
    await this.connect();
    await story.verify('verification', 'dry-run', undefined, this.keyRef);
    await this.planned();
  }

  async planned(): Promise<void> {
    await this.story.plan();
    await this.story.review();
    await this.story.approve();
  }

  /** To just before its switch. */
  async staged(): Promise<void> {
    await this.story.launch();
    for (const version of [1, 2, 3]) await this.stage(version);
  }

  stage(version: number) {
    const { story, keyRef } = this;
    const key = story.keys.get(version) ?? randomBytes(32);
    story.keys.set(version, key);
    const wrapped = randomBytes(80);
    const change = {
      type: 'envelope-staged',
      version: version as KeyVersion,
      custody: 'customer',
      connectionId: story.connectionId,
      wrapped,
      wrappedSha256: sha256Hex(wrapped),
      keyRef,
      checkValue: checkValueOf(key, story.organization, version as KeyVersion),
      minted: version === 3,
    } as const;
    return story.step(change, 'live', 'live');
  }

  switch(guard: () => Promise<void> = async () => undefined) {
    const change = {
      type: 'custody-switched',
      custody: 'customer',
      planDigest: this.story.digest,
      currentVersion: 3 as KeyVersion,
    } as const;
    return this.story.step(change, 'live', 'sealing', { guard });
  }

  async erase(...until: Parameters<Rotation['eraseChange']>) {
    const closing = { outcome: 'completed', reason: null } as const;
    return this.story.step(await this.ending.eraseChange(...until), 'sealing', 'closed', { closing });
  }
}
