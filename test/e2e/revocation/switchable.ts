import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import type { Connection } from '../../../domain/connection';
import type { Provider } from '../../../domain/ports/provider';
import { awsFixture } from '../../conformance/provider-contract/aws-world';
import { AzureWorld, azureFixture } from '../../conformance/provider-contract/azure-world';

/** What the customer's log says, in the order in which it was decided. */
export interface Decided {
  readonly sequence: number;
  readonly what: 'unwrap' | 'off' | 'on';
  readonly requestId: string;
  readonly refused: boolean;
}

/** A customer's key that its administrator switches with the official SDK, and our provider over it. */
export interface Switchable {
  readonly connection: Connection;
  readonly provider: Provider;
  turn(what: 'off' | 'on'): Promise<unknown>;
  setLatency(ms: number): void;
  lastSequence(): number;
  trail(): readonly Decided[];
  close(): Promise<void>;
}

async function atAws(): Promise<Switchable> {
  const { world, connection, provider, keyArn: KeyId } = await awsFixture();
  const { emulator, customer } = world;
  const kms = customer.kms();
  const meaning = new Map([
    ['Decrypt', 'unwrap'],
    ['DisableKey', 'off'],
    ['EnableKey', 'on'],
  ] as const);
  return {
    connection,
    provider,
    turn: (what) => {
      const command = what === 'off' ? DisableKeyCommand : EnableKeyCommand;
      return kms.send(new command({ KeyId }));
    },
    setLatency: (ms) => emulator.setLatency(ms),
    lastSequence: () => emulator.lastSequence(),
    trail: () =>
      emulator.trail().flatMap(({ sequence, eventName, requestID, errorCode }) => {
        const what = meaning.get(eventName as 'Decrypt');
        return what === undefined
          ? []
          : [{ sequence, what, requestId: requestID, refused: errorCode !== undefined }];
      }),
    close: () => world.close(),
  };
}

async function atAzure(): Promise<Switchable> {
  const world = await AzureWorld.start();
  const { emulator, connection, provider, keys, keyName, kid } = await azureFixture(world);
  const version = kid.slice(kid.lastIndexOf('/') + 1);
  const start = emulator.lastSequence();
  return {
    connection,
    provider,
    turn: (what) => keys.updateKeyProperties(keyName, version, { enabled: what === 'on' }),
    setLatency: (ms) => emulator.setLatency(ms),
    lastSequence: () => emulator.lastSequence(),
    trail: () => {
      // A row says that a key was updated, not how: off comes first, and they alternate.
      let off = false;
      return emulator
        .trail(start)
        .flatMap(({ sequence, operationName, correlationId, resultType }): Decided[] => {
          const row = { sequence, requestId: correlationId, refused: resultType !== 'Success' };
          if (operationName === 'KeyUnwrap') return [{ ...row, what: 'unwrap' }];
          if (operationName !== 'KeyUpdate' || row.refused) return [];
          off = !off;
          return [{ ...row, what: off ? 'off' : 'on' }];
        });
    },
    close: () => world.close(),
  };
}

export const SWITCHES: readonly (readonly [string, () => Promise<Switchable>])[] = [
  ['AWS KMS', atAws],
  ['Azure Key Vault', atAzure],
];
