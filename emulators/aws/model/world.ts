import { type Random, uuid } from '../../keeping/ids';
import type { Snapshot } from '../../keeping/snapshot';
import type { Trail } from '../../keeping/trail';
import type { TrailRecord } from '../trail/record';
import { secretKey, uniqueId } from './ids';
import { type AccessKey, type Account, emptyState, type KmsKey, type State, type User } from './state';

/**
 * The state with what's derived from it, and the means to change it. Every change is made and saved in one
 * synchronous step, so no request can see half of one.
 */
export class World {
  readonly state: State;
  readonly serviceSecret: Buffer;
  readonly #snapshot: Snapshot<State>;
  readonly #accessKeys = new Map<string, { account: Account; user: User }>();
  readonly #keysById = new Map<string, KmsKey>();

  constructor(
    snapshot: Snapshot<State>,
    readonly trail: Trail<TrailRecord>,
    /** Epoch milliseconds. */
    readonly clock: () => number,
    readonly random: Random,
  ) {
    const loaded = snapshot.load();
    this.#snapshot = snapshot;
    this.state = loaded === undefined ? emptyState(random) : current(loaded);
    this.serviceSecret = Buffer.from(this.state.serviceSecret, 'base64');
    for (const account of this.state.accounts.values()) {
      for (const user of account.users.values())
        for (const id of user.accessKeys.keys()) this.#accessKeys.set(id, { account, user });
    }
    for (const key of this.state.keys.values()) this.#keysById.set(`${key.region}/${key.keyId}`, key);
    if (loaded === undefined) this.save();
  }

  save(): void {
    this.#snapshot.save(this.state);
  }

  ownerOf(accessKeyId: string): { account: Account; user: User } | undefined {
    return this.#accessKeys.get(accessKeyId);
  }

  addAccessKey(account: Account, user: User): AccessKey {
    const key: AccessKey = {
      id: uniqueId('AKIA', this.random),
      secret: secretKey(this.random),
      createdAt: this.clock(),
      status: 'Active',
    };
    user.accessKeys.set(key.id, key);
    this.#accessKeys.set(key.id, { account, user });
    return key;
  }

  removeAccessKey(user: User, id: string): void {
    user.accessKeys.delete(id);
    this.#accessKeys.delete(id);
  }

  addKey(key: KmsKey): void {
    this.state.keys.set(key.arn, key);
    this.#keysById.set(`${key.region}/${key.keyId}`, key);
  }

  /** Ids are unique in a region, over all accounts. */
  keyById(region: string, keyId: string): KmsKey | undefined {
    return this.#keysById.get(`${region}/${keyId}`);
  }

  /** Gone for good: the material, and the aliases that pointed to it. */
  removeKey(key: KmsKey): void {
    this.state.keys.delete(key.arn);
    this.#keysById.delete(`${key.region}/${key.keyId}`);
    for (const alias of [...this.state.aliases.values()]) {
      if (alias.targetArn === key.arn) this.state.aliases.delete(alias.arn);
    }
  }

  uuid(): string {
    return uuid(this.random);
  }
}

/** A state folder from before there were secrets, or buckets, stays of use. */
function current(loaded: State): State {
  const { secrets, buckets }: Partial<State> = loaded;
  return { ...loaded, secrets: secrets ?? new Map(), buckets: buckets ?? new Map() };
}
