import type { CustodyDeps } from '../../../activities';
import { tellingsAt } from '../../../workers/start';
import { tellOfOperations } from '../../../workers/tellings';
import { noticeId } from '../../../workflows/contract';
import type { Deployment } from './deployment';

const SECRET = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;

/** What our own people's webhook gets, kept instead of sent. */
export class Told {
  readonly bodies: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[] = [];

  /** For a custody worker. */
  readonly custody = (deps: CustodyDeps): CustodyDeps => ({
    ...deps,
    notices: {
      ...deps.notices,
      own: [
        {
          channel: 'webhook',
          id: 'siem',
          hears: 'all',
          url: 'https://siem.novantra.example/',
          secret: () => SECRET,
        },
      ],
      couriers: {
        mail: null,
        post: async ({ body }) => {
          this.bodies.push(JSON.parse(body));
          return { verdict: 'accepted', statusClass: 2 };
        },
      },
    },
  });
}

/** As the worker's look does it each minute; returns when it has been told. */
export async function lookAndTell({ store, client }: Deployment): Promise<void> {
  const begun: string[] = [];
  const start = tellingsAt(client);
  await tellOfOperations(store, (notice) => {
    begun.push(noticeId(notice));
    return start(notice);
  });
  for (const id of begun) await client.workflow.getHandle(id).result();
}
