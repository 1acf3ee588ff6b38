import type { Couriers } from '../../domain/ports/notices';
import type { Emulated } from '../egress/guarded-agent';
import { createMailer, type SmtpSettings } from './smtp';
import { createWebhooks } from './webhooks';

/** A process's way to the people who are told. Close it. */
export interface OpenCouriers extends Couriers {
  close(): void;
}

/** @param receiver in development: where all webhooks lead */
export function createCouriers(smtp: SmtpSettings | null, receiver: Emulated | null): OpenCouriers {
  const webhooks = createWebhooks(receiver);
  return {
    post: webhooks.post,
    mail: smtp === null ? null : createMailer(smtp),
    close: webhooks.close,
  };
}
