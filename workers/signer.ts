import { openSigner } from '../ledger/signer';
import { openSignerDoor } from '../ledger/signer-door';
import { loadConfiguration } from '../runtime/config';
import { drainOnSignal } from '../runtime/drain';
import { createLogger } from '../runtime/logging';
import { failStart } from './fail-start';

/** The signer process: the only one that can read the checkpoint and custody keys. */
async function main(): Promise<void> {
  const { config, path, secret } = loadConfiguration();
  const log = createLogger('signer');
  const signer = await openSigner({
    folder: path(config.signer.keysDir),
    deployment: config.deployment,
    mode: config.mode,
  });
  const door = await openSignerDoor({
    signer,
    socketPath: path(config.signer.socket),
    token: secret(config.signer.tokenFile),
    readerToken: secret(config.signer.readerTokenFile),
    log,
  });
  drainOnSignal(process, () => door.close(), process.exit);
  log.info({ event: 'signer.ready' }, 'signer ready');
}

main().catch(failStart('signer'));
