import type { Emulated } from './guarded-agent';

/**
 * Where webhooks lead in development: a receiver on this machine.
 * @throws Error for anything but `https://127.0.0.1:PORT`
 */
export function localReceiver(url: string, ca: string): Emulated {
  const port = Number(/^https:\/\/127\.0\.0\.1:(\d{1,5})$/.exec(url)?.[1] ?? 0);
  if (port === 0 || port > 65_535) throw new Error('notify.receiver.url must be https://127.0.0.1:PORT');
  return { port, ca };
}
