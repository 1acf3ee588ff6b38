import { openSigner } from '../ledger/signer';
import { openSignerDoor } from '../ledger/signer-door';
import { EVERY_REFUSAL } from '../ledger/signer-errors';
import { loadConfiguration } from '../runtime/config';
import { drainOnSignal } from '../runtime/drain';
import { createLogger } from '../runtime/logging';
import { createSignerMetrics } from '../runtime/signer-metrics';
import { countedSigner } from './counted-signer';
import { openWorkerDoor } from './door';
import { failStart } from './fail-start';

/** The signer process: the only one that can read the checkpoint and custody keys. */
async function main(): Promise<void> {
  const { config, path, secret } = loadConfiguration();
  const log = createLogger('signer');
  const metrics = createSignerMetrics(EVERY_REFUSAL);
  const opened = await openSigner({
    folder: path(config.signer.keysDir),
    deployment: config.deployment,
    mode: config.mode,
  });
  const signer = countedSigner(opened, metrics);
  const door = await openSignerDoor({
    signer,
    socketPath: path(config.signer.socket),
    token: secret(config.signer.tokenFile),
    readerToken: secret(config.signer.readerTokenFile),
    log,
    refused: (code) => metrics.refusals.inc({ code }),
  });
  const { signerPort, healthHost } = config.workers;
  // Nothing is signed there: it's for Prometheus, which reads no Unix socket.
  const health =
    signerPort === null
      ? null
      : await openWorkerDoor({ host: healthHost, port: signerPort }, metrics, async () => {
          await signer.keys();
          return true;
        });
  const stop = async () => {
    await door.close();
    await health?.close();
  };
  drainOnSignal(process, stop, process.exit);
  log.info({ event: 'signer.ready', port: health?.port ?? null }, 'signer ready');
}

main().catch(failStart('signer'));
