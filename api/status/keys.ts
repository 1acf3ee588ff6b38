import type { KeysRecord } from '../../store/contract';
import type { KeysView } from '../shapes/keys';
import { operationView } from './operation';

export const keysView = ({ rotation, due, keyRefs }: KeysRecord): KeysView => ({
  rotation: rotation === null ? null : operationView(rotation),
  due,
  keyRefs: keyRefs.map(({ keyRef, live, retired }) => ({
    keyRef,
    live: [...live],
    safeToDisable:
      retired === null
        ? null
        : { since: retired.at, ledgerIndex: retired.index, alsoForBackups: retired.backupsExpireAt },
  })),
});
