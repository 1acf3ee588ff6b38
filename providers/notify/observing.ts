import type { Couriers, Handed } from '../../domain/ports/notices';

interface NoticeCounter {
  inc(labels: { channel: 'mail' | 'webhook'; verdict: Handed['verdict'] }): void;
}

/** One count for each notice that is handed over, by what came of it. */
export function observingCouriers({ post, mail }: Couriers, counter: NoticeCounter): Couriers {
  const counted =
    <Message>(channel: 'mail' | 'webhook', hand: (message: Message) => Promise<Handed>) =>
    async (message: Message): Promise<Handed> => {
      const handed = await hand(message);
      counter.inc({ channel, verdict: handed.verdict });
      return handed;
    };
  return { post: counted('webhook', post), mail: mail === null ? null : counted('mail', mail) };
}
