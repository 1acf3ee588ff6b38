import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  KeyState,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { ProviderFailure } from '../../domain/failure';
import { type Instant, instantOf, type KeyRef } from '../../domain/ids';
import { keyRefOf } from '../../domain/intake/fields';
import type { PlatformKeyState } from '../../domain/ports/platform';
import type { Call } from '../aws-kms/call';
import type { Repeating } from '../calls/once-more';
import type { OwnKms } from './own-kms';

/** All the control identity ever sends. */
export const CONTROL_COMMANDS = [
  'CreateKey',
  'CreateAlias',
  'DescribeKey',
  'DisableKey',
  'ListAliases',
  'ListKeys',
  'ListResourceTags',
  'ScheduleKeyDeletion',
] as const;

export interface Described {
  readonly keyRef: KeyRef;
  readonly state: Exclude<PlatformKeyState, 'gone'>;
  /** Only of a key that is pending deletion. */
  readonly destroyedAt: Instant | null;
}

/** The KMS calls of key administration, one method each; every failure is a {@link ProviderFailure}. */
export class Administration {
  readonly #own: OwnKms;
  readonly #call: Call;
  readonly #region: string;
  readonly #deadlineMs: number;

  constructor(own: OwnKms, call: Call, region: string, deadlineMs: number) {
    this.#own = own;
    this.#call = call;
    this.#region = region;
    this.#deadlineMs = deadlineMs;
  }

  /** `null` for a key or alias that isn't there. */
  async describe(keyId: string, repeating?: Repeating): Promise<Described | null> {
    try {
      const { KeyMetadata: key } = await this.#send(
        (kms, options) => kms.send(new DescribeKeyCommand({ KeyId: keyId }), options),
        repeating,
      );
      const keyRef = keyRefOf(key?.Arn);
      const state = stateOf(key?.KeyState);
      if (keyRef === null || state === null) throw new ProviderFailure('UNCLASSIFIED');
      const date = key?.DeletionDate;
      return { keyRef, state, destroyedAt: date === undefined ? null : instantOf(date.getTime()) };
    } catch (failure) {
      if (failure instanceof ProviderFailure && failure.code === 'KEY_NOT_FOUND') return null;
      throw failure;
    }
  }

  /**
   * A key of the account's that our policy isn't on says no, and it says so to a renewed identity as well: with
   * many foreign keys a second attempt each would double the time.
   */
  async describeIfOurs(keyRef: KeyRef): Promise<Described | null> {
    try {
      return await this.describe(keyRef, { answers: ['OUR_IDENTITY'] });
    } catch (failure) {
      if (failure instanceof ProviderFailure && failure.code === 'OUR_IDENTITY') return null;
      throw failure;
    }
  }

  async createKey(tags: ReadonlyMap<string, string>, policy: string): Promise<KeyRef> {
    const { KeyMetadata: key } = await this.#send((kms, options) =>
      kms.send(
        new CreateKeyCommand({
          Description: 'Workspace keys of one organization under platform custody',
          Policy: policy,
          // The account's own statement keeps the policy changeable; the control identity must not be able to.
          BypassPolicyLockoutSafetyCheck: true,
          Tags: [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
        }),
        options,
      ),
    );
    const keyRef = keyRefOf(key?.Arn);
    if (keyRef === null) throw new ProviderFailure('UNCLASSIFIED');
    return keyRef;
  }

  /** @returns whether the alias is new; `false` if there was one of that name. */
  async createAlias(alias: string, keyRef: KeyRef): Promise<boolean> {
    const { isNew } = await this.#send(async (kms, options) => {
      try {
        await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyRef }), options);
        return { isNew: true };
      } catch (raw) {
        if (raw instanceof Error && raw.name === 'AlreadyExistsException') return { isNew: false };
        throw raw;
      }
    });
    return isNew;
  }

  /** Keys that no alias names. */
  async unnamedKeys(): Promise<readonly KeyRef[]> {
    const named = new Set<string>();
    let marker: string | undefined;
    do {
      const page = await this.#send((kms, options) =>
        kms.send(new ListAliasesCommand({ Limit: 100, ...(marker && { Marker: marker }) }), options),
      );
      for (const { TargetKeyId } of page.Aliases ?? []) if (TargetKeyId !== undefined) named.add(TargetKeyId);
      marker = page.NextMarker;
    } while (marker !== undefined);
    const unnamed: KeyRef[] = [];
    do {
      const page = await this.#send((kms, options) =>
        kms.send(new ListKeysCommand({ Limit: 1000, ...(marker && { Marker: marker }) }), options),
      );
      for (const { KeyId = '', KeyArn } of page.Keys ?? []) {
        const keyRef = keyRefOf(KeyArn);
        if (keyRef !== null && !named.has(KeyId)) unnamed.push(keyRef);
      }
      marker = page.NextMarker;
    } while (marker !== undefined);
    return unnamed;
  }

  async tags(keyRef: KeyRef): Promise<ReadonlyMap<string, string>> {
    const { Tags = [] } = await this.#send((kms, options) =>
      kms.send(new ListResourceTagsCommand({ KeyId: keyRef }), options),
    );
    return new Map(Tags.map(({ TagKey = '', TagValue = '' }) => [TagKey, TagValue]));
  }

  async disable(keyRef: KeyRef): Promise<void> {
    await this.#send((kms, options) => kms.send(new DisableKeyCommand({ KeyId: keyRef }), options));
  }

  async scheduleDeletion(keyRef: KeyRef, days: number): Promise<Instant> {
    const { DeletionDate: date } = await this.#send((kms, options) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId: keyRef, PendingWindowInDays: days }), options),
    );
    if (date === undefined) throw new ProviderFailure('UNCLASSIFIED');
    return instantOf(date.getTime());
  }

  #send<Answer>(
    send: (kms: KMSClient, options: { abortSignal: AbortSignal }) => Promise<Answer>,
    repeating?: Repeating,
  ): Promise<Answer> {
    const signal = AbortSignal.timeout(this.#deadlineMs);
    const about = { operation: 'control', organization: null, region: this.#region, signal } as const;
    return this.#own.use(
      signal,
      (kms) =>
        this.#call(
          about,
          (abortSignal) => send(kms, { abortSignal }),
          (answer) => answer,
        ),
      repeating,
    );
  }
}

/** A key of the operator's own making is in no other state. */
function stateOf(state: KeyState | undefined): Described['state'] | null {
  switch (state) {
    case KeyState.Enabled:
      return 'enabled';
    case KeyState.Disabled:
      return 'disabled';
    case KeyState.PendingDeletion:
      return 'pending-deletion';
    case undefined:
    case KeyState.Creating:
    case KeyState.PendingImport:
    case KeyState.PendingReplicaDeletion:
    case KeyState.Unavailable:
    case KeyState.Updating:
      return null;
    default: {
      // A state newer than the SDK.
      const unknown: never = state;
      return unknown ?? null;
    }
  }
}
