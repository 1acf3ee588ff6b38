import { readFileSync } from 'node:fs';
import type { NoticeDeps, OwnRecipient } from '../activities';
import type { NoticeRecords } from '../domain/ports/notices';
import { endpointSecret, webhookSecret } from '../domain/webhook';
import { localReceiver } from '../providers/egress/local-receiver';
import { createCouriers } from '../providers/notify/couriers';
import { observingCouriers } from '../providers/notify/observing';
import type { Runtime } from '../runtime/config';
import type { Metrics } from '../runtime/metrics';
import { webhookKey } from '../runtime/notify';

/**
 * What telling people is made of. Secrets are read from their files at each use: a new one needs no restart.
 * @throws Error at start-up for a key file that isn't of its form
 */
export function composeNotices(
  { config, path, secret }: Runtime,
  records: NoticeRecords,
  metrics: Pick<Metrics, 'notices'>,
): { notices: NoticeDeps; close: () => void } {
  const { notify, deployment, api } = config;
  const { smtp, receiver, operator } = notify;
  const text = (file: string) => readFileSync(path(file), 'utf8');
  const couriers = createCouriers(
    smtp === null
      ? null
      : {
          ...smtp,
          password: () => secret(smtp.passwordFile),
          ca: smtp.caFile === null ? null : text(smtp.caFile),
        },
    receiver === null ? null : localReceiver(receiver.url, text(receiver.caFile)),
  );
  const own: readonly OwnRecipient[] = [
    ...operator.mail.map(({ id, hears, address }) => ({ channel: 'mail' as const, id, hears, address })),
    ...operator.webhooks.map(({ id, hears, url, secretFile }) => ({
      channel: 'webhook' as const,
      ...{ id, hears, url },
      secret: () => webhookSecret.parse(secret(secretFile)),
    })),
  ];
  const master = webhookKey(secret(notify.webhookKeyFile));
  return {
    notices: {
      ...{ deployment, records, own },
      couriers: observingCouriers(couriers, metrics.notices),
      endpointSecret: (organization, endpoint) => endpointSecret(master, organization, endpoint),
      statusUrl: (organization) => `${api.url}/v1/organizations/${organization}/status`,
    },
    close: couriers.close,
  };
}
