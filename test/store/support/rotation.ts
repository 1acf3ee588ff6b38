import { randomBytes } from 'node:crypto';
import { SYSTEM } from '../../../domain/actor';
import type { ChangeOf } from '../../../domain/change';
import type { ConnectionInput } from '../../../domain/connection';
import { sha256Hex } from '../../../domain/digest';
import { type Instant, instantOf, type KeyRef, type KeyVersion } from '../../../domain/ids';
import { checkValueOf } from '../../../domain/key-check';
import type { RotationAsk } from '../../../domain/rotation';
import type { Store } from '../../../store';
import { clean, Story } from './story';

const ASK: RotationAsk = { cause: 'request', reason: null, newKeyVersion: false };
const EXPIRE = instantOf(4_000_000_000_000);

/** A key of Azure Key Vault: it has versions. */
const vaultInput = (name: string): ConnectionInput => ({
  provider: 'azure-key-vault',
  tenantId: '72f988bf-86f1-41af-91ab-2d7cd011db47' as never,
  key: `https://customers.vault.azure.net/keys/smsk-${name}` as never,
  credential: { kind: 'azure-app', clientId: '3f5e2a10-0000-4000-8000-00000000000a' as never },
});
export const versionOf = (story: Story, n: number) =>
  `${vaultInput(story.name).key}/${String(n).padStart(32, '0')}` as KeyRef;

/** In customer custody at Azure, under version 1 of the customer's key, with workspace key versions 1 and 2. */
export async function activeAtAzure(store: Store): Promise<Story> {
  const story = await Story.created(store);
  await story.order();
  await story.claim();
  await story.confirmEntitlement();
  const keyRef = versionOf(story, 1);
  await story.connect('setup', vaultInput(story.name));
  await story.verify('verification', 'dry-run', clean, keyRef);
  await story.plan();
  await story.review();
  await story.approve();
  await story.launch();
  for (const version of [1, 2]) {
    await story.step({ ...story.envelopeChange(version, 'customer', version === 2), keyRef }, 'live', 'live');
  }
  await story.switch();
  await story.seal();
  return story;
}

/** The rotation of an active organization, one step after the other, as its activities would make it. */
export class Rotation {
  constructor(
    readonly story: Story,
    readonly to: KeyRef = versionOf(story, 2),
  ) {}

  async open(ask: Partial<RotationAsk> = {}, claimant = 'rotation-1'): Promise<void> {
    const { store, name } = this.story;
    const actor = { kind: 'support', name: 'sam' } as const;
    const claim = { organization: name, kind: 'rotate', claimant, actor, ask: { ...ASK, ...ask } } as const;
    this.story.operation = await store.claim(claim);
  }

  verify(findings = clean) {
    const canary = { wrapped: randomBytes(40), keyRef: this.to };
    const { connectionId } = this.story;
    return this.story.step(
      { type: 'verification-recorded', connectionId, findings, keyRef: this.to, canary },
      'verification',
      'verification',
    );
  }

  async launchChange(mint: number | null = null): Promise<ChangeOf<'rotation-launched'>> {
    const live = await this.story.store.liveEnvelopes(this.story.organization);
    const [first] = live;
    if (first === undefined) throw new Error('nothing is live');
    const rewrap = live.map(({ version }) => version);
    return {
      type: 'rotation-launched',
      from: first.keyRef,
      to: this.to,
      rewrap,
      mint: mint as KeyVersion | null,
    };
  }
  async launch(mint: number | null = null) {
    return this.story.step(await this.launchChange(mint), 'verification', 'live');
  }

  envelope(version: number, minted = false): ChangeOf<'envelope-staged'> {
    const key = this.story.keys.get(version) ?? randomBytes(32);
    this.story.keys.set(version, key);
    const wrapped = randomBytes(80);
    return {
      type: 'envelope-staged',
      version: version as KeyVersion,
      custody: 'customer',
      connectionId: this.story.connectionId,
      wrapped,
      wrappedSha256: sha256Hex(wrapped),
      keyRef: this.to,
      checkValue: checkValueOf(key, this.story.organization, version as KeyVersion),
      minted,
    };
  }
  stage(version: number, minted = false) {
    return this.story.step(this.envelope(version, minted), 'live', 'live');
  }

  switch(currentVersion = 2, rotationGuard: () => Promise<void> = async () => undefined) {
    const { operation, store } = this.story;
    return store.commit({
      idempotencyKey: `${operation.id}/switch/${currentVersion}`,
      actor: SYSTEM,
      fence: { organization: operation.organization, operationId: operation.id, epoch: operation.epoch },
      from: 'live',
      to: 'sealing',
      change: {
        type: 'custody-switched',
        custody: 'customer',
        planDigest: null,
        currentVersion: currentVersion as KeyVersion,
      },
      rotationGuard,
    });
  }

  async eraseChange(backupsExpireAt: Instant = EXPIRE): Promise<ChangeOf<'superseded-envelopes-erased'>> {
    const { store, organization } = this.story;
    const superseded = await store.supersededEnvelopes(organization);
    const inUse = (await store.liveEnvelopes(organization)).map(({ keyRef }) => keyRef);
    const retired = [...new Set(superseded.map(({ keyRef }) => keyRef))].filter(
      (each) => !inUse.includes(each),
    );
    const envelopes = superseded.map(({ version, wrappedSha256, keyRef }) => ({
      version,
      wrappedSha256,
      keyRef,
    }));
    return { type: 'superseded-envelopes-erased', envelopes, retired, backupsExpireAt };
  }
  async erase() {
    const closing = { outcome: 'completed', reason: null } as const;
    return this.story.step(await this.eraseChange(), 'sealing', 'closed', { closing });
  }

  /** To just before its switch. */
  async staged(mint: number | null = null): Promise<void> {
    await this.open({ newKeyVersion: mint !== null });
    await this.verify();
    await this.launch(mint);
    for (const version of [1, 2]) await this.stage(version);
    if (mint !== null) await this.stage(mint, true);
  }
}
